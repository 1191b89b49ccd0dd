package lienthong.gateway.crypto;

/**
 * The token that holds a signing key does not answer, or answers with something that is no signature of its certificate's key; or the State
 * cipher service's product does not (LT-4009 TOKEN_AWAY). The environment is at fault, not the message: try later. Own keys never throw it.
 */
public final class TokenAway extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TokenAway(String message, Throwable cause) {
        super(message, cause);
    }

    TokenAway(String message) {
        super(message);
    }
}
