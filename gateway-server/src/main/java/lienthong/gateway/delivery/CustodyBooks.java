package lienthong.gateway.delivery;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import lienthong.gateway.delivery.Records.CustodyBook;
import lienthong.gateway.message.OrganisationId;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.MessageStore;
import org.jspecify.annotations.Nullable;

/** Custody numbers: our own counter per neighbour, in the same commit as what was taken, and the latest proof each neighbour gave us. */
final class CustodyBooks {
    private final MessageStore store;
    private final Turn turn;
    private final Map<OrganisationId, Book> books = new HashMap<>();

    CustodyBooks(MessageStore store, Turn turn) {
        this.store = store;
        this.turn = turn;
    }

    void recover(long key, CustodyBook record) {
        Book book = new Book(record.neighbour(), key);
        book.issued = record.issued();
        book.durable = record.issued();
        book.given = record.given().orElse(null);
        books.put(record.neighbour(), book);
    }

    private Book of(OrganisationId neighbour) {
        return books.computeIfAbsent(neighbour, none -> new Book(none, store.newKey()));
    }

    /** The next number, in the batch of this turn. */
    long next(OrganisationId neighbour) {
        Book book = of(neighbour);
        book.issued++;
        turn.dirty(book);
        return book.issued;
    }

    /** The number to give again for what was taken before; may be in the batch of this turn. */
    long current(OrganisationId neighbour) {
        Book book = of(neighbour);
        return book.issued == 0 ? next(neighbour) : book.issued;
    }

    Set<OrganisationId> neighbours() {
        return Set.copyOf(books.keySet());
    }

    /** Highest number on this disk. */
    long held(OrganisationId neighbour) {
        Book book = books.get(neighbour);
        return book == null ? 0 : book.durable;
    }

    /** A neighbour shows a valid mark and this disk knows of none: was that record set aside? Then the numbers go on above it. */
    boolean wasSetAside(OrganisationId neighbour, long number) {
        if (held(neighbour) > 0 || store.status().quarantined() == 0) {
            return false;
        }
        Book book = of(neighbour);
        book.issued = Math.max(book.issued, number);
        turn.dirty(book);
        return true;
    }

    void given(OrganisationId neighbour, CustodyProof proof) {
        Book book = of(neighbour);
        CustodyProof before = book.given;
        if (before == null || !before.issuer().equals(proof.issuer()) || before.number() < proof.number()) {
            book.given = proof;
            turn.dirty(book);
        }
    }

    Optional<CustodyProof> given(OrganisationId neighbour) {
        Book book = books.get(neighbour);
        return book == null ? Optional.empty() : Optional.ofNullable(book.given);
    }

    private static final class Book implements Turn.Dirty {
        private final OrganisationId neighbour;
        private final long key;
        private long issued;
        private long durable;
        private @Nullable CustodyProof given;

        Book(OrganisationId neighbour, long key) {
            this.neighbour = neighbour;
            this.key = key;
        }

        @Override
        public int bytesMax() {
            return 200;
        }

        @Override
        public void write(Turn to) {
            long number = issued;
            to.put(Kind.CUSTODY, key, new CustodyBook(neighbour, issued, Optional.ofNullable(given)).encode());
            to.whenDurable(() -> durable = Math.max(durable, number));
        }
    }
}
