package lienthong.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CleanTextTest {
    private static final String VIETNAMESE = "Về việc tổ chức Đại hội đại biểu Đảng bộ tỉnh lần thứ XX; ỷ, ỵ, ẵ, ữ";

    private static String refusal(String text) {
        Refusal refusal = CleanText.line("subject", text, 500).refusal();
        assertThat(refusal.reason()).isEqualTo(ErrorCode.TEXT_NOT_CLEAN);
        return refusal.detail();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x09, 0x0A, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0x2028, 0x2029})
    void refusesControlCharacters(int character) {
        assertThat(refusal("ab" + (char) character + "c")).isEqualTo("subject, position 3: control character");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069})
    void refusesEveryBidirectionalMark(int character) {
        assertThat(refusal((char) character + "fdp.exe")).isEqualTo("subject, position 1: bidirectional mark");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "\uDCEF", "\uDCEF\uD83D", "\uD83D ", "\uD83D\uD83D\uDCEF"})
    void refusesALoneSurrogate(String text) {
        assertThat(refusal("é" + text)).isEqualTo("subject, position 2: lone surrogate");
    }

    @ParameterizedTest
    @ValueSource(ints = {0xFEFF, 0xFFFE, 0xFFFF, 0xFDD0, 0xFDEF, 0x1FFFE, 0x10FFFF})
    void refusesByteOrderMarksAndNoncharacters(int codePoint) {
        assertThat(refusal("ab" + Character.toString(codePoint))).startsWith("subject, position 3: ");
    }

    @Test
    void takesVietnameseAsKeyboardsWriteItComposed() {
        String composed = Normalizer.normalize(VIETNAMESE, Normalizer.Form.NFC);
        assertThat(CleanText.line("subject", composed, 500).orBug()).isEqualTo(composed);
    }

    @Test
    void refusesTheSameTextDecomposedAndNamesTheFirstPlace() {
        String decomposed = Normalizer.normalize(VIETNAMESE, Normalizer.Form.NFD);
        assertThat(decomposed).isNotEqualTo(VIETNAMESE);
        // V, then e with two marks.
        assertThat(refusal(decomposed)).isEqualTo("subject, position 2: not in Unicode form NFC");
    }

    @Test
    void refusesMarksInTheWrongOrder() {
        // e, dot below, circumflex composes to ệ; the other order of the marks too.
        assertThat(refusal("Vie\u0323\u0302t")).startsWith("subject, position 3");
        assertThat(refusal("Vie\u0302\u0323t")).startsWith("subject, position 3");
        assertThat(refusal("Vi\u1EB9\u0302t")).startsWith("subject, position 3");
    }

    @Test
    void takesSupplementaryCharactersAndNeverChangesAText() {
        for (String text : new String[] {"", " ", "-", "loa \uD83D\uDCEF phường", "công văn số 15-CV/TU"}) {
            assertThat(CleanText.line("subject", text, 500).orBug()).isSameAs(text);
        }
    }

    @Test
    void countsUtf16CharactersAndSaysBothNumbers() {
        assertThat(CleanText.line("subject", "ă".repeat(500), 500).isOk()).isTrue();
        assertThat(CleanText.line("subject", "ă".repeat(501), 500).refusal())
                .isEqualTo(Refusal.of(ErrorCode.HEADER_TOO_LARGE, "subject: 501 characters, at most 500"));
    }

    @Test
    void aRefusalNeverRepeatsTheText() {
        assertThat(refusal("mật khẩu\u0000")).doesNotContain("mật khẩu");
    }
}
