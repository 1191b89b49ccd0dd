package lienthong.gateway.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lienthong.gateway.api.ApiErrors;
import lienthong.gateway.delivery.DeliveryEvent;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;

/** The list of errors, both catalogues, gRPC's codes, exit codes and the documentation page say the same. */
class CatalogueTest {
    private static final Catalogue VI = Catalogue.in(Language.VIETNAMESE);
    private static final Catalogue EN = Catalogue.in(Language.ENGLISH);
    private static final Path SOURCES = Path.of("src/main/java/lienthong/gateway");
    private static final Path PAGE = Path.of("../docs/operating/errors.md");

    @Test
    void everyErrorIsExplainedInBothLanguagesAndNothingElseIs() {
        Set<String> expected = new TreeSet<>();
        for (ErrorCode code : ErrorCode.values()) {
            expected.add(code.number() + ".what");
            expected.add(code.number() + ".do");
            for (Catalogue catalogue : List.of(VI, EN)) {
                for (String text : List.of(catalogue.what(code), catalogue.advice(code))) {
                    assertThat(text).as(code.label()).endsWith(".").isEqualTo(nfc(text));
                    assertThat(text.length()).as(code.label()).isBetween(8, 220);
                }
            }
            assertThat(VI.what(code)).as(code.label()).isNotEqualTo(EN.what(code));
        }
        assertThat(VI.errorKeys()).isEqualTo(expected);
        assertThat(EN.errorKeys()).isEqualTo(expected);
    }

    @Test
    void statusNamesAreThoseOfGrpcAndExitCodesThoseOfSysexits() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ApiErrors.code(code).name()).isEqualTo(code.status().name());
            assertThat(code.exitCode()).as(code.label()).isIn(64, 65, 66, 69, 70, 74, 77, 78);
            int group = code.number() / 1000;
            assertThat(code.retry() == ErrorCode.Retry.UNSAFE).as(code.label()).isEqualTo(group == 6);
            if (group == 1) {
                int hundred = code.number() / 100;
                assertThat(code.exitCode())
                        .as(code.label())
                        .isIn(hundred == 11 ? List.of(64, 65, 66) : hundred == 12 ? List.of(78) : List.of(65));
            }
        }
    }

    @Test
    void theCommittedPageIsTheGeneratedOne() throws IOException {
        String page = ErrorsPage.markdown();
        if (Boolean.getBoolean("lienthong.write-errors-page")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("mvn -pl gateway-server test -Dtest=CatalogueTest -Dlienthong.write-errors-page=true writes it")
                .isEqualTo(page);
    }

    @Test
    void bothLanguagesHaveTheSameTextsWithTheSameGaps() {
        assertThat(VI.keys()).isEqualTo(EN.keys());
        assertThat(VI.helpKeys()).isEqualTo(EN.helpKeys());
        for (String key : VI.keys()) {
            assertThat(gaps(VI.text(key))).as(key).isEqualTo(gaps(EN.text(key)));
            assertThat(VI.text(key)).isEqualTo(nfc(VI.text(key)));
        }
    }

    private static Set<String> gaps(String text) {
        Set<String> gaps = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\{\\d}").matcher(text);
        while (matcher.find()) {
            gaps.add(matcher.group());
        }
        return gaps;
    }

    private static String nfc(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    @Test
    void everyTextTheProgramAsksForIsThere() throws IOException {
        Set<String> asked = used("(?:say|text)\\(\\s*\"([a-z-]+\\.[a-z.-]+)\"[,)]");
        Set<String> questions = used("\"(ask\\.[a-z]+)\"");
        Set<String> help = used("descriptionKey = \"([a-z.-]+)\"");
        assertThat(asked).isNotEmpty();
        assertThat(VI.keys()).containsAll(asked).containsAll(questions);
        assertThat(VI.helpKeys()).containsAll(help);
    }

    @Test
    void everyKindOfAuditEventIsAWordInBothLanguages() throws IOException {
        Set<String> kinds = used("audit\\.event\\(\\s*\"([a-z-]+)\"");
        for (DeliveryEvent.What what : DeliveryEvent.What.values()) {
            kinds.add(what.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        }
        assertThat(kinds).hasSizeGreaterThan(20);
        for (String kind : kinds) {
            assertThat(VI.keys()).contains("audit.kind." + kind);
            assertThat(VI.word("audit.kind", kind)).as(kind).isNotEqualTo(kind);
            assertThat(EN.word("audit.kind", kind))
                    .isEqualTo(kind.replace('-', ' ').replaceAll("^ended$", "$0 at its recipient"));
        }
        assertThat(VI.word("audit.who", "uid 0")).isEqualTo("uid 0");
    }

    /** What a pattern's group finds in the sources. */
    private static Set<String> used(String pattern) throws IOException {
        Set<String> found = new HashSet<>();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(SOURCES)) {
            walk.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
        }
        for (Path file : files) {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
        }
        return found;
    }

    @Test
    void languageIsTheOptionsThenTheEnvironmentsThenTheConfigurations() {
        assertThat(Language.choose(Optional.of("en"), "vi_VN.UTF-8", Optional.of("vi")))
                .isEqualTo(Language.ENGLISH);
        assertThat(Language.choose(Optional.empty(), "vi_VN.UTF-8", Optional.empty()))
                .isEqualTo(Language.VIETNAMESE);
        assertThat(Language.choose(Optional.empty(), "C.UTF-8", Optional.of("vi")))
                .isEqualTo(Language.VIETNAMESE);
        assertThat(Language.choose(Optional.empty(), "", Optional.empty())).isEqualTo(Language.ENGLISH);
        assertThat(Language.choose(Optional.empty(), "via", Optional.empty())).isEqualTo(Language.ENGLISH);
    }

    @Test
    void aSentenceHasNumberMeaningPlaceAndAdvice() {
        assertThat(EN.sentence(Refusal.of(ErrorCode.NO_INPUT, "/no/such/file")))
                .isEqualTo("LT-1102 NO_INPUT: An input file or folder is not there. [/no/such/file] Check the path.");
    }

    @Test
    void theNearestKnownWordIsFoundAndAStrangeOneIsNotForced() {
        assertThat(Nearest.of("sned", List.of("send", "status", "stop"))).contains("send");
        assertThat(Nearest.of("--presedence", List.of("--precedence", "--mark")))
                .contains("--precedence");
        assertThat(Nearest.of("xyz", List.of("send", "status"))).isEmpty();
    }
}
