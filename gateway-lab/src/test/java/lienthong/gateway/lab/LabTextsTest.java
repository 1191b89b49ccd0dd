package lienthong.gateway.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lienthong.gateway.message.Bug;
import lienthong.gateway.text.Language;
import org.junit.jupiter.api.Test;

class LabTextsTest {
    private static final Pattern PLACE = Pattern.compile("\\{\\d}");

    private final LabTexts vi = LabTexts.in(Language.VIETNAMESE);
    private final LabTexts en = LabTexts.in(Language.ENGLISH);

    @Test
    void bothLanguagesHaveTheSameKeys() {
        assertThat(vi.keys()).isEqualTo(en.keys());
    }

    @Test
    void bothLanguagesTellTheSameThings() {
        for (String key : en.keys()) {
            assertThat(places(vi.text(key))).as(key).isEqualTo(places(en.text(key)));
        }
    }

    private static Set<String> places(String text) {
        return PLACE.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aMissingTextIsABugAndNoEmptyLine() {
        assertThatThrownBy(() -> en.text("no.such.key")).isInstanceOf(Bug.class);
    }

    @Test
    void argumentsStandInTheirPlaces() {
        assertThat(en.text("demo.back", 4711)).contains("4711").doesNotContain("{0}");
    }
}
