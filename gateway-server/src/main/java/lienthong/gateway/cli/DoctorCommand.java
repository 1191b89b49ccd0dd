package lienthong.gateway.cli;

import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.api.OperatorDoor.Finding;
import lienthong.gateway.api.OperatorDoor.Grade;
import lienthong.gateway.api.OperatorDoor.Topic;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import lienthong.proto.operator.v1.DiagnoseRequest;
import picocli.CommandLine.Command;

/**
 * {@code doctor}: looks at everything that an operator can mend, through the node where one runs, else at its folder. Exit code 0 when nothing is bad,
 * else that of the first bad finding.
 */
@Command(name = "doctor")
final class DoctorCommand extends GatewayCommand {
    private int exit;

    @Override
    Json perform(Root root) throws Refused {
        Optional<List<Finding>> ofNode = ofNode(root);
        List<Finding> findings = ofNode.isPresent()
                ? ofNode.get()
                : Refused.unless(root.surroundings()
                        .folders()
                        .diagnose(root.data(), root.surroundings().version()));
        findings.forEach(finding -> print(root, finding));
        List<Json> all = findings.stream().map(finding -> json(root, finding)).toList();
        long soon = findings.stream().filter(one -> one.grade() == Grade.SOON).count();
        List<Finding> bad =
                findings.stream().filter(one -> one.grade() == Grade.BAD).toList();
        Json json = Json.object().put("running", ofNode.isPresent()).put("findings", all);
        if (bad.isEmpty()) {
            root.say(soon == 0 ? "doctor.well" : "doctor.soon", soon);
            return json;
        }
        root.say("doctor.bad", bad.size(), soon);
        Finding first = bad.get(0);
        ErrorCode code = first.code().orElse(ErrorCode.UNCAUGHT);
        exit = code.exitCode();
        return json.put("ok", false).put("error", Cli.error(root.catalogue(), Refusal.of(code, first.about())));
    }

    @Override
    int exitCode() {
        return exit;
    }

    /** Empty when none answers: it does not run, or only its socket was left behind. */
    private static Optional<List<Finding>> ofNode(Root root) throws Refused {
        if (!Files.exists(root.data().resolve("run").resolve("api.sock"))) {
            return Optional.empty();
        }
        try (Daemon daemon = Daemon.of(root)) {
            List<Finding> all = new ArrayList<>();
            daemon.operator()
                    .diagnose(DiagnoseRequest.getDefaultInstance())
                    .getFindingsList()
                    .forEach(said -> all.add(finding(said)));
            return Optional.of(all);
        } catch (StatusRuntimeException failed) {
            if (Daemon.isAbsent(failed)) {
                return Optional.empty();
            }
            throw failed;
        }
    }

    /** A newer node may look at more than this program has words for. */
    private static Finding finding(lienthong.proto.operator.v1.Finding said) {
        Topic topic = Topic.NOTE;
        for (Topic known : Topic.values()) {
            if (word(known).equals(said.getTopic())) {
                topic = known;
            }
        }
        Grade grade = switch (said.getGrade()) {
            case GRADE_BAD -> Grade.BAD;
            case GRADE_SOON -> Grade.SOON;
            default -> Grade.GOOD;
        };
        return new Finding(topic, grade, ErrorCode.ofNumber(said.getNumber()), Detail.technical(said.getDetail()));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void print(Root root, Finding finding) {
        String what = root.text("doctor." + finding.topic());
        String about = root.catalogue().detail(finding.about());
        if (finding.grade() == Grade.GOOD) {
            root.say("doctor.line.good", what, about);
        } else {
            root.say(
                    finding.grade() == Grade.BAD ? "doctor.line.bad" : "doctor.line.soon",
                    what,
                    finding.code().map(ErrorCode::label).orElse(""),
                    about);
            root.say("doctor.line.do", advice(root, finding));
        }
    }

    /** What the topic says, or for what the node found out itself, the error. */
    private static String advice(Root root, Finding finding) {
        return finding.topic() == Topic.NOTE || finding.topic() == Topic.NODE || finding.topic() == Topic.KEYS
                ? finding.code().map(root.catalogue()::advice).orElse("")
                : root.text("doctor.do." + finding.topic());
    }

    private static Json json(Root root, Finding finding) {
        Json json = Json.object().put("topic", word(finding.topic())).put("grade", word(finding.grade()));
        finding.code().ifPresent(code -> json.put("number", code.number()).put("name", code.name()));
        json.put("detail", finding.about().english());
        return finding.grade() == Grade.GOOD ? json : json.put("advice", advice(root, finding));
    }
}
