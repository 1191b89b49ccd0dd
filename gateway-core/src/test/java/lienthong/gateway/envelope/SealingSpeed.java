package lienthong.gateway.envelope;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.MessageId;

/** Run by hand to see what sealing and opening cost; asserts nothing. */
final class SealingSpeed {
    private SealingSpeed() {}

    /** Of this thread: other work on the machine does not count. */
    private static long cpuNanos() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    public static void main(String[] arguments) throws IOException {
        Random random = new Random(1);
        for (boolean bundle : new boolean[] {true, false}) {
            int messages = bundle ? 64 : 1;
            Kit kit = Kit.shared();
            for (int i = 0; i < messages; i++) {
                kit.message(Kit.text(random, 1_024).utf8());
            }
            for (int round = 0; round < 6; round++) {
                int times = bundle ? 300 : 3_000;
                long start = cpuNanos();
                List<Unsealed> made = new ArrayList<>();
                for (int i = 0; i < times; i++) {
                    made.add(kit.unsealed());
                }
                long sealed = cpuNanos();
                List<VerifiedEnvelope> done = new ArrayList<>();
                for (int from = 0; from < times; from += 100) {
                    done.addAll(SealBatch.sign(
                                    made.subList(from, from + 100),
                                    TestNetwork.shared().signing(TestNetwork.COMMUNE),
                                    Optional.empty(),
                                    Kit.NOW)
                            .orBug());
                }
                long signed = cpuNanos();
                EnvelopeVerifier verifier = new EnvelopeVerifier(new SealCache());
                for (VerifiedEnvelope each : done) {
                    verifier.verify(
                                    each.sealed(),
                                    each.facts().ciphertextRoot(),
                                    each.facts().ciphertextLength(),
                                    TestNetwork.shared().view())
                            .orBug();
                }
                long verified = cpuNanos();
                Opener opener = new Opener(new SlotOpener());
                for (VerifiedEnvelope each : done) {
                    Kit.opened(opener.open(
                            each,
                            TestNetwork.DISTRICT,
                            TestNetwork.shared().keys(TestNetwork.DISTRICT),
                            SealedSource.of(((lienthong.gateway.message.SealedEnvelope.Ciphertext.Inline)
                                            each.sealed().ciphertext())
                                    .bytes())));
                }
                long opened = cpuNanos();
                System.err.printf(
                        "%d x 1 KiB: seal %.1f us, sign (100 a tree) %.1f us, verify %.1f us, open %.1f us%n",
                        messages,
                        (sealed - start) / 1e3 / times,
                        (signed - sealed) / 1e3 / times,
                        (verified - signed) / 1e3 / times,
                        (opened - verified) / 1e3 / times);
            }
        }
        long length = 1L << 30;
        MessageId id = Kit.id();
        for (boolean compressible : new boolean[] {true, false}) {
            Kit kit = Kit.shared();
            kit.message(List.of(new MessageHead.Part("lớn.bin", "application/octet-stream", length)), List.of());
            SealPlan plan = kit.plan();
            long start = cpuNanos();
            LargeSealing sealing = kit.sealer().large(plan, (bytes, offset, size) -> {});
            Bytes piece = compressible ? Kit.text(random, 1 << 20) : Kit.random(random, 1 << 20);
            byte[] array = piece.toArray();
            for (long at = 0; at < length; at += array.length) {
                sealing.write(array, 0, array.length);
            }
            SealedPayload payload = sealing.finish(1).orBug();
            System.err.printf(
                    "1 GiB %s: %.2f s, %d bytes of ciphertext %s%n",
                    compressible ? "text" : "noise",
                    (cpuNanos() - start) / 1e9,
                    payload.ciphertext().length(),
                    id);
        }
    }
}
