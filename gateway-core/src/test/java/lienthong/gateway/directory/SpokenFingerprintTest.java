package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Hash;
import org.junit.jupiter.api.Test;

class SpokenFingerprintTest {
    private static final Hash HASH = Hash.of(Bytes.utf8("một mạng nào đó"));

    /** Open syllables that Northern, Central and Southern speakers say apart: no tr, s, d, gi, r, v, n, and no final consonant at all. */
    private static final Map<String, String> SYLLABLES = Map.ofEntries(
            Map.entry("b", "aeio"),
            Map.entry("c", "ao"),
            Map.entry("ch", "aeiou"),
            Map.entry("h", "aeou"),
            Map.entry("k", "ei"),
            Map.entry("kh", "aiou"),
            Map.entry("l", "aeiou"),
            Map.entry("m", "aeio"),
            Map.entry("ph", "aiou"),
            Map.entry("t", "aiou"),
            Map.entry("th", "aeiou"),
            Map.entry("x", "aei"));

    /** Beginnings that are hard to tell apart when they stand beside one another before the same vowel. */
    private static final Set<Set<String>> CLOSE = Set.of(Set.of("t", "th"), Set.of("c", "kh"), Set.of("h", "kh"));

    @Test
    void theListIsMadeByItsRule() {
        TreeMap<String, String> beginnings = new TreeMap<>();
        SYLLABLES.forEach((beginning, vowels) ->
                vowels.chars().forEach(vowel -> beginnings.put(beginning + (char) vowel, beginning)));
        List<String> made = new ArrayList<>();
        for (String one : beginnings.keySet()) {
            for (String other : beginnings.keySet()) {
                boolean sameVowel = one.charAt(one.length() - 1) == other.charAt(other.length() - 1);
                Set<String> pair = new TreeSet<>(List.of(sound(beginnings, one), sound(beginnings, other)));
                if (!one.equals(other) && !(sameVowel && CLOSE.contains(pair))) {
                    made.add(one + "-" + other);
                }
            }
        }
        assertThat(SpokenFingerprint.list()).isEqualTo(made.subList(0, 2_048));
    }

    private static String sound(Map<String, String> beginnings, String syllable) {
        String beginning = beginnings.getOrDefault(syllable, "");
        return beginning.equals("k") ? "c" : beginning;
    }

    @Test
    void wordsStayDistinctWhateverADialectMerges() {
        Set<String> folded = new HashSet<>();
        for (String word : SpokenFingerprint.list()) {
            assertThat(word).matches("[a-z]{2,3}-[a-z]{2,3}");
            assertThat(word)
                    .doesNotContain("tr")
                    .doesNotContain("s")
                    .doesNotContain("d")
                    .doesNotContain("gi");
            assertThat(word)
                    .doesNotContain("r")
                    .doesNotContain("v")
                    .doesNotContain("n")
                    .doesNotContain("q");
            assertThat(word.replace("-", "")).matches("([^aeiou]+[aeiou]){2}");
            folded.add(SpokenFingerprint.fold(word));
        }
        assertThat(folded).hasSize(2_048);
    }

    @Test
    void twelveWordsOrFortyDigitsCarryTheSameBits() {
        SpokenFingerprint spoken = SpokenFingerprint.of(HASH);
        assertThat(spoken.words()).hasSize(12);
        assertThat(spoken.digits()).hasSize(40).containsOnlyDigits();
        assertThat(spoken.matches(String.join(" ", spoken.words()))).isTrue();
        assertThat(spoken.matches(spoken.digitGroups())).isTrue();
        String zeros =
                SpokenFingerprint.of(new Hash(Bytes.ofOwned(new byte[32]))).digits();
        assertThat(zeros).isEqualTo("0".repeat(40));
        assertThat(SpokenFingerprint.of(new Hash(Bytes.ofHex("ff".repeat(32)))).digits())
                .isEqualTo("5444517870735015415413993718908291383295");
    }

    @Test
    void whatIsTypedMayBeSpeltAsItWasHeard() {
        SpokenFingerprint spoken = SpokenFingerprint.of(HASH);
        String words = String.join(" ", spoken.words());
        assertThat(spoken.matches(words.toUpperCase(java.util.Locale.ROOT))).isTrue();
        assertThat(spoken.matches(words.replace('-', ' '))).isTrue();
        assertThat(spoken.matches(words.replace(" ", "").replace("-", ""))).isTrue();
        assertThat(spoken.matches("  " + words.replace(" ", ",  ") + "\n")).isTrue();
        assertThat(spoken.matches(words.replace("ch", "tr").replace('x', 's').replace("l", "n")))
                .isTrue();
        assertThat(spoken.matches(words.replace("i", "ý")
                        .replace("a", "ạ")
                        .replace("o", "ở")
                        .replace("e", "ể")))
                .isTrue();
    }

    @Test
    void refusesYesNothingHalvesMixturesAndAnotherFingerprint() {
        SpokenFingerprint spoken = SpokenFingerprint.of(HASH);
        List<String> words = spoken.words();
        for (String typed : List.of(
                "",
                "yes",
                "vâng",
                "y",
                String.join(" ", words.subList(0, 11)),
                String.join(" ", words) + " ba-be",
                String.join(" ", words) + " " + spoken.digits(),
                spoken.digits().substring(1),
                spoken.digits() + "0",
                String.join(
                        " ", SpokenFingerprint.of(Hash.of(Bytes.utf8("khác"))).words()),
                SpokenFingerprint.of(Hash.of(Bytes.utf8("khác"))).digits())) {
            assertThat(spoken.matches(typed)).as(typed).isFalse();
        }
        for (int i = 0; i < 12; i++) {
            List<String> changed = new ArrayList<>(words);
            changed.set(i, changed.get(i).equals("ba-be") ? "ba-bi" : "ba-be");
            assertThat(spoken.matches(String.join(" ", changed))).isFalse();
        }
    }
}
