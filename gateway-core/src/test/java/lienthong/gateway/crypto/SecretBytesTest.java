package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.Arrays;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Test;

class SecretBytesTest {
    private static final KeyAccess ACCESS = UnsafeKeyAccess.get();

    @Test
    void neitherPrintsNorComparesNorHashesItsBytes() {
        assertThat(Arrays.stream(SecretBytes.class.getDeclaredMethods()).map(Method::getName))
                .doesNotContain("toString", "equals", "hashCode");
        assertThat(java.io.Serializable.class.isAssignableFrom(SecretBytes.class))
                .isFalse();
    }

    @Test
    void isCopiedInAndOut() {
        byte[] source = {1, 2, 3};
        SecretBytes secret = SecretBytes.copyOf(source, ACCESS);
        source[0] = 9;
        secret.copy(ACCESS)[1] = 9;
        assertThat(secret.copy(ACCESS)).containsExactly(1, 2, 3);
    }

    @Test
    void needsTheRightToBeSeen() {
        assertThatThrownBy(() -> SecretBytes.copyOf(new byte[1], null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> SecretBytes.random(1, Fixtures.RANDOM).copy(null))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void comparesByContent() {
        SecretBytes one = SecretBytes.copyOf(new byte[] {1, 2}, ACCESS);
        assertThat(one.sameAs(SecretBytes.copyOf(new byte[] {1, 2}, ACCESS))).isTrue();
        assertThat(one.sameAs(SecretBytes.copyOf(new byte[] {1, 3}, ACCESS))).isFalse();
        assertThat(one.sameAs(SecretBytes.copyOf(new byte[] {1}, ACCESS))).isFalse();
    }

    @Test
    void cannotBeUsedAfterItsDestruction() {
        SecretBytes secret = SecretBytes.random(32, Fixtures.RANDOM);
        byte[] inner = secret.inner();
        secret.destroy();
        secret.destroy();
        assertThat(inner).containsOnly(0);
        assertThat(secret.size()).isEqualTo(32);
        assertThat(secret.isDestroyed()).isTrue();
        assertThatThrownBy(() -> secret.copy(ACCESS)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> secret.sameAs(secret)).isInstanceOf(Bug.class);
        assertThatThrownBy(() -> Mac.of(secret, Bytes.empty())).isInstanceOf(Bug.class);
    }

    @Test
    void macIsTheOneOfRfc4231() {
        SecretBytes key = SecretBytes.copyOf("Jefe".getBytes(java.nio.charset.StandardCharsets.US_ASCII), ACCESS);
        Bytes data = Bytes.utf8("what do ya want for nothing?");
        Bytes mac = Mac.of(key, data);
        assertThat(mac.hex()).isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertThat(Mac.verifies(key, data, mac)).isTrue();
        assertThat(Mac.verifies(key, data, mac.slice(0, 31))).isFalse();
        assertThat(Mac.verifies(key, Bytes.empty(), mac)).isFalse();
    }
}
