package lienthong.gateway.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.directory.SpokenFingerprint;
import lienthong.gateway.envelope.evidence.EvidenceVerifier;
import lienthong.gateway.envelope.evidence.Report;
import lienthong.gateway.envelope.evidence.SequenceCheck;
import lienthong.gateway.envelope.evidence.Step;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Receipt;
import lienthong.gateway.message.StrictText;
import lienthong.proto.operator.v1.ExportEvidenceRequest;
import lienthong.proto.operator.v1.ExportEvidenceResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code evidence}: proof of one message for people outside the network. */
@Command(
        name = "evidence",
        subcommands = {EvidenceCommand.Export.class, EvidenceCommand.Verify.class})
final class EvidenceCommand extends GroupCommand {
    /** {@code evidence export ID --out FILE}. */
    @Command(name = "export")
    static final class Export extends GatewayCommand {
        @Parameters(paramLabel = "ID", descriptionKey = "evidence.id")
        private String messageId = "";

        @Option(names = "--out", paramLabel = "FILE", required = true, descriptionKey = "evidence.out")
        private String out = "";

        @Option(names = "--with-content", descriptionKey = "evidence.with-content")
        private boolean withContent;

        @Override
        Json perform(Root root) throws Refused, IOException {
            Path path = root.output(out);
            long bytes = 0;
            try (Daemon daemon = Daemon.of(root);
                    NewFile file = NewFile.create(path)) {
                Iterator<ExportEvidenceResponse> pieces = daemon.operatorStream()
                        .exportEvidence(ExportEvidenceRequest.newBuilder()
                                .setMessageId(messageId)
                                .setWithContent(withContent)
                                .build());
                while (pieces.hasNext()) {
                    bytes += file.write(pieces.next().getContent());
                }
                file.commit();
            }
            root.say("file.written", path, Words.size(bytes));
            return Json.object()
                    .put("message_id", messageId)
                    .put("file", path.toString())
                    .put("bytes", bytes);
        }
    }

    /** {@code evidence verify FILE...}: needs no node, no network, no account. Several are compared with each other besides. */
    @Command(name = "verify")
    static final class Verify extends GatewayCommand {
        @Parameters(paramLabel = "FILE", arity = "1..*", descriptionKey = "evidence.file")
        private List<String> files = List.of();

        @Option(names = "--fingerprint-file", paramLabel = "FILE", descriptionKey = "evidence.fingerprint-file")
        private @Nullable String fingerprintFile;

        private int exit;

        /** One file, checked. */
        private record Checked(Report report, boolean holds, Json json) {}

        @Override
        Json perform(Root root) throws Refused, IOException {
            Optional<String> heard = fingerprintFile == null
                    ? Optional.empty()
                    : Optional.of(String.valueOf(
                            SecretInput.heard(root, fingerprintFile, "--fingerprint-file", "ask.fingerprint")));
            List<Checked> all = new ArrayList<>();
            for (String file : files) {
                if (files.size() > 1) {
                    root.words().println(file);
                }
                all.add(check(root, root.input(file), heard));
            }
            if (all.size() == 1) {
                root.say(all.get(0).holds() ? "evidence.good" : "evidence.bad");
                return all.get(0).json();
            }
            List<Step> found = all.stream().allMatch(Checked::holds)
                    ? SequenceCheck.compare(all.stream().map(Checked::report).toList())
                    : List.of();
            List<Json> sequence = new ArrayList<>();
            root.say("evidence.sequence");
            for (Step step : found) {
                sequence.add(said(root, step));
            }
            if (found.isEmpty()) {
                root.say("evidence.sequence.none");
            }
            Optional<Step> wrong = found.stream()
                    .filter(step -> step.outcome() == Step.Outcome.FAILS)
                    .findFirst();
            boolean holds = all.stream().allMatch(Checked::holds) && wrong.isEmpty();
            wrong.ifPresent(step -> refuse(root, step.about()));
            root.say(holds ? "evidence.good" : "evidence.bad");
            return Json.object()
                    .put("ok", holds)
                    .put("holds", holds)
                    .put("files", all.stream().map(Checked::json).toList())
                    .put("sequence", sequence);
        }

        private Checked check(Root root, Path path, Optional<String> heard) throws IOException {
            Report report;
            try (InputStream zip = new BufferedInputStream(Files.newInputStream(path))) {
                report = EvidenceVerifier.verify(zip, Optional.empty());
            }
            // Of what is no evidence there is no network to compare, though even nothing has a hash.
            boolean compared = report.steps().stream().anyMatch(step -> step.id() == Step.Id.NETWORK);
            Optional<Hash> network = compared ? report.network() : Optional.empty();
            boolean expected = heard.isEmpty() || matches(network, heard.get());
            boolean holds = report.holds() && expected;
            List<Json> steps = new ArrayList<>();
            for (Step found : report.steps()) {
                steps.add(said(root, compared(found, network, expected)));
            }
            if (!holds) {
                Detail why = expected || network.isEmpty()
                        ? report.firstFailure()
                                .map(step ->
                                        Detail.of("{0}: {1}", root.text("evidence.step." + step.id()), step.about()))
                                .orElse(Detail.none())
                        : Detail.of("it is of another network than the fingerprint says");
                refuse(root, Detail.of("{0}: {1}", path, why));
            }
            Json json = Json.object()
                    .put("ok", holds)
                    .put("file", path.toString())
                    .put("holds", holds)
                    .put("steps", steps);
            network.ifPresent(found -> json.put("network", found.hex()));
            report.id().ifPresent(id -> json.put("message_id", id.toString()));
            report.header()
                    .ifPresent(header -> json.put("sender", header.sender().toString())
                            .put("created_at", StrictText.time(header.created())));
            return new Checked(
                    report,
                    holds,
                    json.put(
                            "receipts",
                            report.receipts().stream().map(Verify::json).toList()));
        }

        /** Exit code and sentence like any refusal, but the steps are the result and must reach the reader too. */
        private void refuse(Root root, Detail about) {
            exit = ErrorCode.EVIDENCE_INVALID.exitCode();
            root.surroundings()
                    .err()
                    .println("lienthong: "
                            + root.catalogue()
                                    .sentence(lienthong.gateway.message.Refusal.of(ErrorCode.EVIDENCE_INVALID, about)));
        }

        private static Json said(Root root, Step step) {
            root.words()
                    .println("  " + root.text("evidence.outcome." + step.outcome()) + "  "
                            + root.text("evidence.step." + step.id()) + ": "
                            + root.catalogue().detail(step.about()));
            return Json.object()
                    .put("step", step.id().name().toLowerCase(Locale.ROOT))
                    .put("outcome", step.outcome().name().toLowerCase(Locale.ROOT))
                    .put("text", step.text());
        }

        /** The verifier leaves the comparison to the reader; with a fingerprint at hand it is made here. */
        private Step compared(Step step, Optional<Hash> network, boolean expected) {
            if (step.id() != Step.Id.NETWORK || fingerprintFile == null || network.isEmpty()) {
                return step;
            }
            return expected
                    ? new Step(
                            step.id(),
                            Step.Outcome.HOLDS,
                            Detail.of(
                                    "network {0}, as you gave it", network.get().hex()))
                    : new Step(
                            step.id(),
                            Step.Outcome.FAILS,
                            Detail.of(
                                    "network {0}, not the one you gave",
                                    network.get().hex()));
        }

        /** Whether the network found is the one heard: 12 words, 40 digits, or 64 hexadecimal digits. */
        private static boolean matches(Optional<Hash> network, String heard) {
            return network.map(found -> SpokenFingerprint.of(found).matches(heard)
                            || found.hex().equals(heard.strip()))
                    .orElse(false);
        }

        private static Json json(Receipt receipt) {
            Json json = Json.object()
                    .put("says", receipt.kind().word())
                    .put("recipient", receipt.recipient().toString())
                    .put("time", StrictText.time(receipt.time()));
            return receipt.reason()
                    .map(reason -> json.put("reason", reason.name()))
                    .orElse(json);
        }

        @Override
        int exitCode() {
            return exit;
        }
    }
}
