package lienthong.gateway.cipher;

import java.net.URL;
import java.net.URLClassLoader;
import lienthong.gateway.crypto.InstalledCipher;

/** A class path on which the provider for tests is registered, as a jar beside a node would register it. */
public final class ProviderJar {
    private ProviderJar() {}

    /** The loader of a node beside which the provider lies. */
    public static ClassLoader loader() {
        URL services = ProviderJar.class.getResource("/cipher-provider/");
        if (services == null) {
            throw new AssertionError("the tests' resources are not on the class path");
        }
        return new URLClassLoader(new URL[] {services}, ProviderJar.class.getClassLoader());
    }

    /** The provider, as a node finds it. */
    public static InstalledCipher installed() {
        return InstalledCipher.load(loader()).orBug().orElseThrow();
    }
}
