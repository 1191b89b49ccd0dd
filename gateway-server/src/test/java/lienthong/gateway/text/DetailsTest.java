package lienthong.gateway.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The set of details is closed: the sources and the catalogue have the same keys, and what came as English is found again. */
class DetailsTest {
    private static final Path CORE = Path.of("../gateway-core/src/main/java");
    private static final Path SERVER = Path.of("src/main/java");
    private static final Path LAB = Path.of("../gateway-lab/src/main/java");
    private static final Pattern GAP = Pattern.compile("\\{(\\d)}");
    private static final Map<String, String> ENTRIES = Details.ALL.entries();

    @Test
    void theCatalogueHasEveryDetailOfTheSourcesAndNoOther() throws IOException {
        Map<String, String> keys = DetailSources.keys(CORE, SERVER, LAB);
        assertThat(keys).hasSizeGreaterThan(300);
        Set<String> missing = new TreeSet<>();
        keys.forEach((key, file) -> {
            if (!key.isEmpty() && !ENTRIES.containsKey(key)) {
                missing.add(key + "        (" + file + ")");
            }
        });
        assertThat(missing).as("details without Vietnamese").isEmpty();
        Set<String> left = new TreeSet<>(ENTRIES.keySet());
        left.removeAll(keys.keySet());
        assertThat(left).as("texts that no source says").isEmpty();
    }

    @Test
    @Timeout(20)
    void aPeersWordsMadeOfColonsAreLookedAtInBoundedTime() {
        assertThat(Details.ALL.vietnamese(Detail.technical("q: ".repeat(100)))).contains("q: q: ");
        assertThat(Details.ALL.recognise("a: b: c: unusual words")).isEmpty();
    }

    @Test
    void bothLanguagesHaveTheSameGaps() {
        ENTRIES.forEach((key, vietnamese) -> {
            assertThat(gaps(vietnamese)).as(key).isEqualTo(gaps(key));
            assertThat(Normalizer.isNormalized(vietnamese, Normalizer.Form.NFC))
                    .as(key)
                    .isTrue();
            Set<Integer> numbers = gaps(key);
            assertThat(numbers).as(key).containsExactlyElementsOf(firstNumbers(numbers.size()));
        });
    }

    @Test
    void aSentenceIsNotEnglishInVietnamese() {
        ENTRIES.forEach((key, vietnamese) -> {
            if (letters(key) >= 12) {
                assertThat(vietnamese).as(key).isNotEqualTo(key);
            }
        });
    }

    @Test
    void whatCameAsEnglishIsFoundAgain() {
        ENTRIES.keySet().forEach(key -> {
            if (letters(GAP.matcher(key).replaceAll("")) < 2) {
                return;
            }
            List<Object> arguments = new ArrayList<>();
            for (int i = 0; i < gaps(key).size(); i++) {
                arguments.add((key.contains("}{" + i) ? "; " : "") + "VALUE" + i);
            }
            Detail.Sentence said = new Detail.Sentence(key, arguments);
            assertThat(Details.ALL.recognise(said.english())).as(key).contains(said);
            assertThat(Details.ALL.vietnamese(Detail.technical(said.english())))
                    .as(key)
                    .isEqualTo(Details.ALL.vietnamese(said));
        });
    }

    @Test
    void aDetailWithinADetailIsSaidInTheSameLanguage() {
        Detail inner = Detail.of("uid {0} is not listed in applications", 1000);
        Detail outer = Detail.of("{0}: {1}", "/data", inner);
        String said = Catalogue.in(Language.VIETNAMESE).detail(outer);
        assertThat(said).startsWith("/data: ").contains("1000").doesNotContain("listed");
        assertThat(Catalogue.in(Language.VIETNAMESE).detail(outer.english())).isEqualTo(said);
        assertThat(Catalogue.in(Language.ENGLISH).detail(outer)).isEqualTo(outer.english());
    }

    @Test
    void whatKindOfFileItIsIsSaidInVietnameseToo() throws IOException {
        Catalogue vi = Catalogue.in(Language.VIETNAMESE);
        for (String kind : Details.ALL.kinds()) {
            String said = vi.detail(Detail.of("{0}: cut short or not such a file", kind));
            assertThat(said).doesNotContain(kind);
            assertThat(vi.detail(kind + ": cut short or not such a file")).isEqualTo(said);
            assertThat(vi.detail("/srv/x.zip: " + kind + ": cut short or not such a file"))
                    .isEqualTo("/srv/x.zip: " + said);
        }
        assertThat(vi.detail("invitation: cut short or not such a file")).startsWith("giấy mời: ");
        assertThat(vi.detail("directory: cut short or not such a file")).startsWith("danh bạ: ");
        // A name that nobody gave to a kind stays what it is.
        assertThat(vi.detail("ban-ke.txt: not UTF-8")).startsWith("ban-ke.txt: ");
        Set<String> written = new TreeSet<>();
        try (Stream<Path> files = Files.walk(CORE)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                Matcher kind = Pattern.compile("String KIND = \"([a-z-]+)\";").matcher(Files.readString(file));
                while (kind.find()) {
                    written.add(kind.group(1));
                }
            }
        }
        assertThat(written).hasSizeGreaterThan(20);
        assertThat(Details.ALL.kinds()).containsAll(written);
    }

    @Test
    void aTechnicalDetailStaysEnglishAndIsMarkedInVietnameseOnly() {
        Refusal why = Refusal.technical(ErrorCode.WRITE_FAILED, "No space left on device");
        assertThat(Catalogue.in(Language.VIETNAMESE).sentence(why))
                .contains("[chi tiết kỹ thuật (tiếng Anh): No space left on device]");
        assertThat(Catalogue.in(Language.ENGLISH).sentence(why)).contains("[No space left on device]");
        assertThat(Catalogue.in(Language.VIETNAMESE).detail("/srv/lienthong")).isEqualTo("/srv/lienthong");
        assertThat(Catalogue.in(Language.VIETNAMESE).detail(Detail.none())).isEmpty();
    }

    @Test
    void anArgumentThatLooksLikeAGapStaysWhatItIs() {
        Detail said = Detail.of("{0} items; 1 to {1}", "{1}", 7);
        assertThat(said.english()).isEqualTo("{1} items; 1 to 7");
    }

    private static Set<Integer> gaps(String text) {
        Set<Integer> gaps = new TreeSet<>();
        Matcher gap = GAP.matcher(text);
        while (gap.find()) {
            gaps.add(Integer.parseInt(gap.group(1)));
        }
        return gaps;
    }

    private static List<Integer> firstNumbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    private static int letters(String text) {
        return (int) text.chars().filter(Character::isLetter).count();
    }
}
