package lienthong.gateway.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.text.Nearest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code errors}: what a number means and what to do about it. */
@Command(name = "errors")
final class ErrorsCommand extends GatewayCommand {
    @Parameters(paramLabel = "NUMBER", arity = "0..1", descriptionKey = "errors.number")
    private @Nullable String number;

    @Override
    Json perform(Root root) throws Refused {
        List<Json> errors = new ArrayList<>();
        Table table = new Table(root.text("column.number"), root.text("column.name"), root.text("column.meaning"));
        for (ErrorCode code : number == null ? List.of(ErrorCode.values()) : List.of(find(number))) {
            table.row(code.shortLabel(), code.name(), root.catalogue().what(code));
            errors.add(Json.object()
                    .put("number", code.number())
                    .put("name", code.name())
                    .put("exit", code.exitCode())
                    .put("grpc", code.status().name())
                    .put("retry", code.retry().name().toLowerCase(Locale.ROOT))
                    .put("text", root.catalogue().what(code))
                    .put("advice", root.catalogue().advice(code)));
        }
        if (number == null) {
            table.print(root);
        } else {
            ErrorCode code = find(number);
            root.words().println(code.label());
            root.words().println(root.catalogue().what(code));
            root.words().println(root.catalogue().advice(code));
            root.say("errors.detail", code.exitCode(), code.status(), root.text("retry." + code.retry()));
        }
        return Json.object().put("errors", errors);
    }

    /** By {@code 2101}, {@code LT-2101} or {@code UNKNOWN_RECIPIENT}. */
    private static ErrorCode find(String text) throws Refused {
        String plain = text.toUpperCase(Locale.ROOT);
        String digits = plain.startsWith("LT-") ? plain.substring(3) : plain;
        if (digits.matches("[0-9]{1,4}")) {
            Optional<ErrorCode> code = ErrorCode.ofNumber(Integer.parseInt(digits));
            if (code.isPresent()) {
                return code.get();
            }
        }
        List<String> names = new ArrayList<>();
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(plain)) {
                return code;
            }
            names.add(code.name());
        }
        throw new Refused(
                ErrorCode.USAGE,
                Nearest.of(plain, names)
                        .map(near -> Detail.of("{0}; did you mean {1}?", text, near))
                        .orElse(Detail.of("{0}; known are {1}", text, "1001 … 6002")));
    }
}
