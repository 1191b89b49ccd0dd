package lienthong.gateway.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.message.Bytes;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a stranger with openssl 3.0 says of our seals, certificates and revocation lists. */
class OpensslTest {
    private static final Bytes CONTENT = Bytes.utf8("lienthong-root 1\nroot text\n");

    @TempDir
    Path folder;

    record Said(int exit, String text) {}

    @BeforeAll
    static void openssl() throws Exception {
        boolean present;
        try {
            present = run(Path.of("."), List.of("openssl", "version")).exit() == 0;
        } catch (IOException absent) {
            present = false;
        }
        if (!present) {
            System.err.println("OpensslTest skipped: no openssl command");
        }
        Assumptions.assumeTrue(present, "no openssl command");
    }

    private static Said run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("openssl", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String text = Files.readString(said);
        Files.delete(said);
        return new Said(process.waitFor(), text);
    }

    /**
     * The command of the evidence's verify.sh. The office's CA stands beside the root: openssl 3.0 looks for issuers in the CMS and the
     * -CAfile, never in the -certfile, and still wants the chain to end in a self-signed certificate.
     */
    private Said verify(
            Bytes cms, Bytes content, Certificate signer, Certificate office, RevocationList list, Instant at)
            throws Exception {
        Files.write(folder.resolve("seal.p7s"), cms.toArray());
        Files.write(folder.resolve("root.txt"), content.toArray());
        Files.writeString(folder.resolve("signer.pem"), signer.pem());
        Files.writeString(folder.resolve("root-and-crl.pem"), Fixtures.ROOT.pem() + office.pem() + list.pem());
        List<String> command =
                new ArrayList<>(List.of("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "seal.p7s"));
        command.addAll(List.of(
                "-content", "root.txt", "-certfile", "signer.pem", "-CAfile", "root-and-crl.pem", "-no-CApath"));
        command.addAll(
                List.of("-no-CAstore", "-cades", "-purpose", "any", "-crl_check", "-attime", "" + at.getEpochSecond()));
        command.addAll(List.of("-signer", "out.pem", "-out", "content.out"));
        return run(folder, command);
    }

    @ParameterizedTest
    @EnumSource(names = {"ECDSA_P256", "ECDSA_P384", "RSA_PKCS1", "RSA_PSS"})
    void acceptsEveryClassicalSeal(KeyAlgorithm algorithm) throws Exception {
        SigningKey key = Fixtures.address(algorithm);
        Bytes cms = key.signCms(CONTENT, Fixtures.NOW);
        Said said = verify(cms, CONTENT, key.certificate(), Fixtures.OFFICE, Fixtures.list(1), Fixtures.NOW);
        assertThat(said.exit()).as(said.text()).isZero();
        assertThat(Certificate.parsePem(Files.readString(folder.resolve("out.pem")))
                        .orBug())
                .isEqualTo(key.certificate());
    }

    @Test
    void refusesOtherContentRevokedAndExpiredSigners() throws Exception {
        SigningKey key = Fixtures.address(KeyAlgorithm.ECDSA_P256);
        Certificate signer = key.certificate();
        Bytes cms = key.signCms(CONTENT, Fixtures.NOW);
        RevocationList revoked = Fixtures.list(2, new RevocationList.Entry(signer.serial(), Fixtures.FROM, 1));
        assertThat(verify(cms, Bytes.utf8("other\n"), signer, Fixtures.OFFICE, Fixtures.list(1), Fixtures.NOW)
                        .exit())
                .isNotZero();
        assertThat(verify(cms, CONTENT, signer, Fixtures.OFFICE, revoked, Fixtures.NOW)
                        .text())
                .contains("revoked");
        assertThat(verify(cms, CONTENT, signer, Fixtures.OFFICE, Fixtures.list(1), Fixtures.FROM.minusSeconds(9))
                        .exit())
                .isNotZero();
    }

    @Test
    void enforcesTheOfficeNameConstraint() throws Exception {
        Certificate stranger = Chains.leafOutsideItsOffice();
        SigningKey key = SigningKey.of(Chains.STRANGER_KEY, stranger);
        Said said = verify(
                key.signCms(CONTENT, Fixtures.NOW), CONTENT, stranger, Fixtures.OFFICE, Fixtures.list(1), Fixtures.NOW);
        assertThat(said.exit()).isNotZero();
        assertThat(said.text()).contains("permitted subtree violation");
    }

    @Test
    void readsTheRevocationList() throws Exception {
        Files.writeString(folder.resolve("list.pem"), Fixtures.list(7).pem());
        Files.writeString(folder.resolve("office.pem"), Fixtures.OFFICE.pem());
        Said said = run(
                folder, List.of("openssl", "crl", "-in", "list.pem", "-CAfile", "office.pem", "-noout", "-crlnumber"));
        assertThat(said.text()).contains("verify OK").contains("crlNumber=0x07");
    }
}
