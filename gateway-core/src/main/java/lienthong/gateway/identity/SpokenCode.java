package lienthong.gateway.identity;

import java.text.Normalizer;
import lienthong.gateway.environment.Randomness;

/**
 * The code under which an invitation's keys lie: 20 decimal digits (66 bits; each guess costs an Argon2id) in five groups of four, because
 * digits are what every dialect says alike over a bad line. Never stands in the file it opens.
 */
public final class SpokenCode {
    private static final int DIGITS = 20;

    private SpokenCode() {}

    /** A fresh code, for instance {@code 4821 0937 5516 2240 7783}. */
    static String generate(Randomness randomness) {
        StringBuilder code = new StringBuilder();
        for (int digits = 0; digits < DIGITS; ) {
            int value = randomness.bytes(1)[0] & 0xff;
            // 250 is the largest multiple of ten that a byte holds: no digit is likelier than another.
            if (value >= 250) {
                continue;
            }
            if (digits > 0 && digits % 4 == 0) {
                code.append(' ');
            }
            code.append(value % 10);
            digits++;
        }
        return code.toString();
    }

    /** What somebody typed, reduced to its digits: blanks, dashes, dots and other scripts' digits do not matter. */
    static char[] normal(String typed) {
        StringBuilder digits = new StringBuilder();
        Normalizer.normalize(typed, Normalizer.Form.NFKC)
                .codePoints()
                .filter(Character::isDigit)
                .forEach(digit -> digits.append(Character.digit(digit, 10)));
        // An empty passphrase is no passphrase: what has no digits fails like any wrong code.
        return digits.length() == 0 ? new char[] {'-'} : digits.toString().toCharArray();
    }
}
