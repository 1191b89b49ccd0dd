package lienthong.gateway.envelope;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import lienthong.gateway.crypto.HpkeRecipient;
import lienthong.gateway.crypto.InstalledCipher;
import lienthong.gateway.crypto.ProvidedWrap;
import lienthong.gateway.crypto.RecipientPrivateKey;
import lienthong.gateway.crypto.SecretBytes;
import lienthong.gateway.crypto.SingleUseCipher;
import lienthong.gateway.crypto.Suite;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Header;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.SealedEnvelope.Slot;

/**
 * Opens slots of verified envelopes: key and number, not the payload. Keeps the HPKE contexts of recent ({@code enc}, {@code info}, key id), so
 * that a thousand slots of one encapsulation cost one decapsulation (0.2 ms) and an export each. Thread-safe.
 *
 * <p>Slots of the State cipher service's suites are opened by its product; {@link lienthong.gateway.crypto.TokenAway} when that does not answer:
 * nothing is known then, try again.
 */
public final class SlotOpener {
    private static final int KEPT_MAX = 1_024;

    private final Map<Context, HpkeRecipient> contexts = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Context, HpkeRecipient> eldest) {
            return size() > KEPT_MAX;
        }
    };

    /** How often all was forgotten: a context under way meanwhile is used once and not kept. */
    private int forgotten;

    private record Context(Bytes enc, Bytes info) {}

    private final Optional<InstalledCipher> cipher;

    /** Where no product of the State cipher service is installed. */
    public SlotOpener() {
        this(Optional.empty());
    }

    public SlotOpener(Optional<InstalledCipher> cipher) {
        this.cipher = cipher;
    }

    /**
     * Opens the slot of a recipient.
     *
     * @return {@code NOT_ADDRESSED} when the core does not name the address; {@code SUITE_UNKNOWN} when its suite's product is not installed here;
     *     otherwise opened, or one face: slot absent on this branch, key unknown, tag wrong, malformed inside
     */
    public Opening<OpenedSlot> open(VerifiedEnvelope envelope, Address recipient, RecipientKeys keys) {
        int number = envelope.facts().header().recipients().indexOf(recipient);
        if (number < 0) {
            return new Opening.NotOpened<>(ErrorCode.NOT_ADDRESSED);
        }
        return open(envelope, number, keys);
    }

    /** The key that a slot was wrapped for: it stands in clear, so that its holder finds it; empty for what is too short to be a slot. */
    public static Optional<Hash> keyIdOf(Slot slot) {
        return slot.bytes().size() < Hash.SIZE_BYTES
                ? Optional.empty()
                : Optional.of(new Hash(slot.bytes().slice(0, Hash.SIZE_BYTES)));
    }

    /** Opens the sender's own slot: to read again what it sent, or to wrap anew. */
    public Opening<OpenedSlot> openOwn(VerifiedEnvelope envelope, RecipientKeys keys) {
        return open(envelope, envelope.facts().header().recipients().size(), keys);
    }

    private Opening<OpenedSlot> open(VerifiedEnvelope envelope, int number, RecipientKeys keys) {
        for (Slot slot : envelope.sealed().slots()) {
            if (slot.number() == number) {
                return open(envelope, slot, keys);
            }
        }
        return Opening.no();
    }

    /**
     * Opens with the new slot of a verified re-wrap.
     *
     * @param rewrap what {@link NoticeVerifier#rewrap} gave for this envelope
     */
    public Opening<OpenedSlot> open(VerifiedEnvelope envelope, VerifiedRewrap rewrap, RecipientKeys keys) {
        return rewrap.notice().leaf().equals(envelope.facts().leaf())
                ? open(envelope, rewrap.slot(), keys)
                : Opening.no();
    }

    private Opening<OpenedSlot> open(VerifiedEnvelope envelope, Slot slot, RecipientKeys keys) {
        Header header = envelope.facts().header();
        if (!(Suite.ofNumber(header.suite()) instanceof Result.Ok<Suite> known)) {
            return Opening.no();
        }
        Suite suite = known.value();
        if (suite.isProvided() && cipher.filter(own -> own.suite() == suite).isEmpty()) {
            return new Opening.NotOpened<>(ErrorCode.SUITE_UNKNOWN);
        }
        int encBytes = suite.isProvided() ? cipher.orElseThrow().encBytes() : suite.encBytes();
        SlotCodec.Parts parts = SlotCodec.split(encBytes, slot.bytes());
        if (parts == null) {
            return Opening.no();
        }
        int before = forgottenSoFar();
        Optional<RecipientPrivateKey> key = keys.byId(parts.keyId());
        if (key.isEmpty() || key.get().suite() != suite) {
            return Opening.no();
        }
        Bytes info = SlotCodec.info(suite, header.network(), header.signer(), parts.keyId());
        Optional<byte[]> inside = suite.isProvided()
                ? cipher.orElseThrow()
                        .unwrap(
                                key.get(),
                                SlotCodec.context(info, envelope.core(), parts.keyId(), slot.number(), parts.random()),
                                new ProvidedWrap(parts.enc(), parts.wrap()))
                : inside(key.get(), info, parts, envelope.core(), slot.number(), before);
        Optional<SlotCodec.Inside> found = inside.flatMap(SlotCodec::parseInside);
        if (found.isEmpty() || !fits(header, slot.number(), found.get().facts())) {
            return Opening.no();
        }
        return new Opening.Opened<>(new OpenedSlot(
                envelope,
                found.get().contentKey(),
                key.get().cipher(),
                found.get().facts()));
    }

    private Optional<byte[]> inside(
            RecipientPrivateKey key, Bytes info, SlotCodec.Parts parts, Hash core, int number, int before) {
        Optional<HpkeRecipient> context = context(key, parts.enc(), info, before);
        if (context.isEmpty()) {
            return Optional.empty();
        }
        SecretBytes wrapKey = context.get()
                .export(SlotCodec.exporterContext(core, parts.keyId(), number, parts.random()), SlotCodec.KEY_BYTES);
        Optional<byte[]> inside =
                SingleUseCipher.open(wrapKey, SlotCodec.aad(core, parts.keyId(), number), parts.wrap());
        wrapKey.destroy();
        return inside;
    }

    /** A recipient's numbers begin with 1, the sender's own slot has none; order is asked for in core and slot alike. */
    private static boolean fits(Header header, int number, SlotFacts facts) {
        boolean own = number == header.recipients().size();
        return own == (facts.firstNumber() == 0)
                && facts.orderingKey().isPresent() == header.flags().contains(Header.Flag.ORDERED);
    }

    private Optional<HpkeRecipient> context(RecipientPrivateKey key, Bytes enc, Bytes info, int before) {
        // The key id is part of info.
        Context place = new Context(enc, info);
        synchronized (contexts) {
            HpkeRecipient kept = contexts.get(place);
            if (kept != null) {
                return Optional.of(kept);
            }
        }
        Optional<HpkeRecipient> fresh = HpkeRecipient.start(key, enc, info);
        if (fresh.isPresent()) {
            synchronized (contexts) {
                if (forgotten == before) {
                    contexts.put(place, fresh.get());
                }
            }
        }
        return fresh;
    }

    private int forgottenSoFar() {
        synchronized (contexts) {
            return forgotten;
        }
    }

    /** Forgets all contexts: when an epoch key is destroyed, nothing kept here may open for it, not even for whoever has the key in hand. */
    public void forget() {
        synchronized (contexts) {
            forgotten++;
            contexts.clear();
        }
    }

    /** Contexts kept now. */
    public int kept() {
        synchronized (contexts) {
            return contexts.size();
        }
    }
}
