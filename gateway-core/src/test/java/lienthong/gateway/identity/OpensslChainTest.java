package lienthong.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lienthong.gateway.directory.DirectoryBook;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we certify, sign and revoke, a stranger checks with openssl alone. */
class OpensslChainTest {
    @TempDir
    Path folder;

    private final Province province = Province.make(30);

    private record Ran(int code, String output) {}

    private Ran openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), output);
    }

    @Test
    void aSealVerifiesWithItsOfficesRevocationListAndNotWhenRevoked() throws Exception {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/openssl"))).isTrue();
        Join.Joined office = province.join(Province.TAY_SON);
        DirectoryBook book = province.book(office.directory(), office);
        Address address = Address.of(Province.TAY_SON);
        var signer = office.keys().signingKey(address).orElseThrow();
        province.clock.forward(Duration.ofDays(3));
        var now = province.clock.now();
        Bytes text = Bytes.utf8("một văn bản gốc\n");
        Files.write(folder.resolve("root.txt"), text.toArray());
        Files.write(folder.resolve("seal.der"), signer.signCms(text, now).toArray());
        var chain = book.view().chainOf(signer.certificate().hash()).orElseThrow();
        Files.writeString(folder.resolve("signer.pem"), chain.get(0).pem());
        Files.writeString(
                folder.resolve("trust.pem"),
                chain.get(2).pem()
                        + chain.get(1).pem()
                        + book.view()
                                .revocationListOf(chain.get(1).hash())
                                .orElseThrow()
                                .pem()
                        + book.view()
                                .revocationListOf(chain.get(2).hash())
                                .orElseThrow()
                                .pem());
        assertThat(verify(now.getEpochSecond()).output()).contains("erification successful");

        var leaf = signer.certificate();
        Bytes list = office.keys().revoke(leaf, 1, book.view(), now).orBug();
        assertThat(book.acceptRecord(list, now).orBug()).isTrue();
        Files.writeString(
                folder.resolve("trust.pem"),
                chain.get(2).pem()
                        + chain.get(1).pem()
                        + book.view()
                                .revocationListOf(chain.get(1).hash())
                                .orElseThrow()
                                .pem()
                        + book.view()
                                .revocationListOf(chain.get(2).hash())
                                .orElseThrow()
                                .pem());
        Ran revoked = verify(now.getEpochSecond());
        assertThat(revoked.code()).isNotZero();
        assertThat(revoked.output()).contains("revoked");
    }

    private Ran verify(long at) throws Exception {
        return openssl(
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                "seal.der",
                "-content",
                "root.txt",
                "-certfile",
                "signer.pem",
                "-CAfile",
                "trust.pem",
                "-no-CApath",
                "-no-CAstore",
                "-cades",
                "-purpose",
                "any",
                "-crl_check_all",
                "-attime",
                Long.toString(at),
                "-out",
                "/dev/null",
                "-signer",
                "out.pem");
    }

    @Test
    void theHeadsEllipticSignatureVerifiesWithTheRootsKey() throws Exception {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/openssl"))).isTrue();
        var signed = province.authority.directory().signed();
        Files.write(folder.resolve("head.txt"), signed.head().toArray());
        Files.write(folder.resolve("head.sig"), signed.signatures().ecdsa().toArray());
        Files.write(
                folder.resolve("key.der"), province.authority.root().p384Key().toArray());
        Ran ran = openssl(
                "dgst", "-sha384", "-verify", "key.der", "-keyform", "DER", "-signature", "head.sig", "head.txt");
        assertThat(ran.output()).contains("Verified OK");
        Files.write(
                folder.resolve("head.txt"), signed.head().plus(Bytes.utf8("x")).toArray());
        assertThat(openssl(
                                "dgst",
                                "-sha384",
                                "-verify",
                                "key.der",
                                "-keyform",
                                "DER",
                                "-signature",
                                "head.sig",
                                "head.txt")
                        .code())
                .isNotZero();
    }
}
