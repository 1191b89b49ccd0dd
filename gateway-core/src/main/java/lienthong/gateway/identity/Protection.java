package lienthong.gateway.identity;

import lienthong.gateway.crypto.PassphraseBox;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Result;

/**
 * What stands between a copied folder and its keys. Holds the passphrase as long as the caller keeps this object; the caller owns the array
 * and overwrites it.
 */
public final class Protection {
    private static final Protection MODES = new Protection(new char[0], PassphraseBox.Cost.STANDARD);

    private final char[] passphrase;
    private final PassphraseBox.Cost cost;

    private Protection(char[] passphrase, PassphraseBox.Cost cost) {
        this.passphrase = passphrase;
        this.cost = cost;
    }

    /** File modes alone: whoever copies the disk has the keys. Said in the folder and shown by status. */
    public static Protection fileModes() {
        return MODES;
    }

    /** A passphrase, at the standard cost of a third of a second a try; not empty. */
    public static Protection passphrase(char[] passphrase) {
        return passphrase(passphrase, PassphraseBox.Cost.STANDARD);
    }

    /** The same at another cost. */
    public static Protection passphrase(char[] passphrase, PassphraseBox.Cost cost) {
        return new Protection(passphrase, cost);
    }

    public boolean isPassphrase() {
        return passphrase.length > 0;
    }

    Bytes close(String purpose, Bytes openLabel, SecretBytes content, Randomness randomness) {
        if (isPassphrase()) {
            return PassphraseBox.seal(purpose, content, passphrase, cost, randomness);
        }
        return openLabel.plus(Secrets.reveal(content));
    }

    Result<SecretBytes> open(String purpose, Bytes box) {
        return isPassphrase()
                ? PassphraseBox.open(purpose, box, passphrase)
                : Result.no(ErrorCode.PASSPHRASE_WRONG, "these keys are under a passphrase, and none was given");
    }
}
