package lienthong.gateway.lab.proof;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import lienthong.gateway.lab.forger.Forger;
import lienthong.gateway.lab.forger.Outcome;
import lienthong.gateway.lab.province.LabNode;
import lienthong.gateway.lab.province.Province;
import lienthong.gateway.lab.province.Readiness;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Receipt;

/** A thief with a district's keys against the hub, as destination and as relay: each thing he does is a strike. */
final class Hostile implements Kind {
    private static final String HUB = "A08";
    private static final String ROBBED = "A08.01";
    private static final String BEHIND = "A08.02";
    private static final int LOOKS = 100;
    private static final int LOOK_MILLIS = 100;

    @Override
    public String name() {
        return "hostile";
    }

    @Override
    public int cycles() {
        return 1;
    }

    @Override
    public Optional<Verdict> run(Setting setting, long seed, Limit limit) throws IOException, InterruptedException {
        long from = System.nanoTime();
        setting.progress().println(setting.texts().text("proof.hostile-start"));
        try (Province province = Province.create(setting.folder().resolve("province"), setting.networkFile())) {
            province.joinAll(
                    List.of(
                            new Province.Office(HUB, ""),
                            new Province.Office(ROBBED, HUB),
                            new Province.Office(BEHIND, HUB)),
                    setting.nodeOptions(),
                    node -> {
                        node.hide(setting.before());
                        node.start();
                    });
            for (LabNode node : province.nodes()) {
                node.awaitServing();
            }
            for (LabNode node : province.nodes()) {
                for (LabNode other : province.nodes()) {
                    // The robbed office must not have written: what the thief sends is the first of its streams.
                    if (!node.equals(other) && !node.code().equals(ROBBED)) {
                        Readiness.awaitKeys(node, other.code());
                    }
                }
            }
            province.node(ROBBED).close();
            Strikes strikes = new Strikes(setting, province.node(HUB), province.node(ROBBED));
            strikes.all();
            return Optional.of(Verdict.ofStore(
                    name(),
                    seed,
                    strikes.struck,
                    strikes.broken.size(),
                    (System.nanoTime() - from) / 1e9,
                    strikes.broken));
        }
    }

    /** What the thief does, and what must not come of it. */
    private static final class Strikes {
        private final Setting setting;
        private final LabNode hub;
        private final LabNode robbed;
        private final List<String> broken = new ArrayList<>();
        private long struck;

        Strikes(Setting setting, LabNode hub, LabNode robbed) {
            this.setting = setting;
            this.hub = hub;
            this.robbed = robbed;
        }

        void all() throws IOException, InterruptedException {
            try (Forger thief = Forger.with(robbed.data(), hub.listen())) {
                forged(thief, HUB);
                forged(thief, BEHIND);
                unreadable(thief);
                genuine(thief);
                again(thief);
                hub.kill();
                hub.start();
                hub.awaitServing();
                again(thief);
            }
        }

        /** One byte changed after sealing: whoever is handed it refuses it, the relay as well as the destination. */
        private void forged(Forger thief, String recipient) throws InterruptedException {
            long taken = hub.counter("taken_over");
            Outcome outcome = thief.sendForged(recipient);
            judge(
                    "proof.hostile-forged",
                    recipient,
                    outcome,
                    outcome.isRefusedWith(ErrorCode.SEAL_INVALID) && hub.counter("taken_over") == taken);
        }

        /** Its seal holds and its slot says what cannot be: given back, and never said to be delivered. */
        private void unreadable(Forger thief) throws InterruptedException {
            List<Receipt.Kind> receipts = thief.receipts();
            Outcome outcome = thief.sendUnreadable(HUB);
            for (int look = 0; look < LOOKS && !receipts.contains(Receipt.Kind.RETURNED); look++) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                receipts = thief.receipts();
            }
            judge(
                    "proof.hostile-unreadable",
                    HUB,
                    outcome + " " + receipts,
                    receipts.contains(Receipt.Kind.RETURNED) && !receipts.contains(Receipt.Kind.DELIVERED));
        }

        private void genuine(Forger thief) throws InterruptedException {
            Outcome outcome = thief.sendGenuine(HUB);
            judge("proof.hostile-genuine", HUB, outcome, outcome.isTaken());
        }

        private void again(Forger thief) throws InterruptedException {
            long duplicates = hub.counter("duplicates");
            Outcome outcome = thief.sendAgain();
            judge(
                    "proof.hostile-again",
                    HUB,
                    outcome,
                    outcome.isKnown() && hub.counter("duplicates") == duplicates + 1);
        }

        private void judge(String key, String recipient, Object outcome, boolean isGood) {
            struck++;
            if (!isGood) {
                broken.add(setting.texts().text(key, recipient, outcome));
            }
        }
    }
}
