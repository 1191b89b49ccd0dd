package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lienthong.gateway.crypto.DoubleSignature;
import lienthong.gateway.directory.DirectoryBook.Outcome;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import org.junit.jupiter.api.Test;

/** Row B36 of the bad inputs: whatever is wrong with a directory file, the one in force stays in force. */
class B36DirectoryFileTest {
    private final Province province = Province.make(36);
    private final SignedDirectory first = province.authority.directory().signed();
    private final DirectoryBook book = DirectoryBook.of(province.authority.root());

    B36DirectoryFileTest() {
        assertThat(accept(first)).isInstanceOf(Outcome.Newer.class);
    }

    private Outcome accept(SignedDirectory signed) {
        return book.accept(signed, province.clock.now());
    }

    private void refusedWith(ErrorCode reason, Outcome outcome) {
        assertThat(outcome.refusalIfAny().orElseThrow().reason()).isEqualTo(reason);
        assertThat(book.directory().orElseThrow().signed()).isEqualTo(first);
    }

    @Test
    void b36_badSignature() {
        SignedDirectory next =
                province.authority.sign(province.authority.draft()).orBug();
        Bytes ecdsa = next.signatures().ecdsa();
        Bytes mlDsa = next.signatures().mlDsa();
        for (DoubleSignature forged : List.of(
                new DoubleSignature(first.signatures().ecdsa(), mlDsa),
                new DoubleSignature(ecdsa, first.signatures().mlDsa()),
                new DoubleSignature(Bytes.empty(), mlDsa),
                new DoubleSignature(ecdsa, Bytes.empty()))) {
            refusedWith(
                    ErrorCode.DIRECTORY_INVALID,
                    accept(new SignedDirectory(
                            next.root(), next.head(), forged, next.entries(), next.certificates(), next.rootCrl())));
        }
        assertThat(accept(next)).isInstanceOf(Outcome.Newer.class);
    }

    @Test
    void b36_entriesOtherThanThoseSigned() {
        SignedDirectory next =
                province.authority.sign(province.authority.draft()).orBug();
        List<Bytes> fewer = next.entries().subList(1, next.entries().size());
        List<Bytes> swapped = new ArrayList<>(next.entries());
        swapped.set(0, next.entries().get(1));
        swapped.set(1, next.entries().get(0));
        List<Bytes> changed = new ArrayList<>(next.entries());
        changed.replaceAll(text -> Bytes.utf8(text.utf8().replace("Tây Sơn", "Tây Sôn")));
        for (List<Bytes> entries : List.of(fewer, swapped, changed)) {
            refusedWith(
                    ErrorCode.DIRECTORY_INVALID,
                    accept(new SignedDirectory(
                            next.root(),
                            next.head(),
                            next.signatures(),
                            entries,
                            next.certificates(),
                            next.rootCrl())));
        }
        refusedWith(
                ErrorCode.DIRECTORY_INVALID,
                accept(new SignedDirectory(
                        next.root(), next.head(), next.signatures(), next.entries(), List.of(), next.rootCrl())));
        refusedWith(
                ErrorCode.DIRECTORY_INVALID,
                accept(new SignedDirectory(
                        next.root(),
                        next.head(),
                        next.signatures(),
                        next.entries(),
                        next.certificates(),
                        Bytes.utf8("no list"))));
    }

    @Test
    void b36_everyByteOfTheFileCounts() {
        byte[] file = first.toBytes().toArray();
        // Every byte would take minutes of ML-DSA: all of the first kilobyte (framing, root), then a coprime step.
        for (int i = 0; i < file.length; i += i < 1_024 ? 1 : 97) {
            byte[] altered = file.clone();
            altered[i] ^= 1;
            boolean accepted = SignedDirectory.parse(Bytes.ofOwned(altered))
                    .then(signed -> DirectoryVerifier.verify(signed, book.root(), province.clock.now()))
                    .isOk();
            assertThat(accepted).as("byte %d", i).isFalse();
        }
        for (int size : new int[] {0, 1, 100, file.length - 1}) {
            assertThat(SignedDirectory.parse(Bytes.copyOf(file, 0, size)).isOk())
                    .isFalse();
        }
        assertThat(SignedDirectory.parse(first.toBytes().plus(Bytes.ofHex("4801")))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
    }

    @Test
    void b36_lowerVersion() {
        SignedDirectory next =
                province.authority.sign(province.authority.draft()).orBug();
        assertThat(accept(next)).isInstanceOf(Outcome.Newer.class);
        Outcome outcome = accept(first);
        assertThat(outcome).isInstanceOf(Outcome.Old.class);
        assertThat(outcome.refusalIfAny().orElseThrow().reason()).isEqualTo(ErrorCode.DIRECTORY_OLD);
        assertThat(book.directory().orElseThrow().signed()).isEqualTo(next);
        assertThat(accept(next)).isInstanceOf(Outcome.Same.class);
    }

    @Test
    void b36_otherNetwork() {
        refusedWith(
                ErrorCode.OTHER_NETWORK,
                accept(Province.other(37).authority.directory().signed()));
    }

    @Test
    void b36_expired() {
        SignedDirectory next =
                province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofDays(401));
        refusedWith(ErrorCode.DIRECTORY_EXPIRED, accept(next));
        // One's own is not forgotten for that.
        DirectoryBook again = DirectoryBook.of(province.authority.root());
        assertThat(again.restore(first, province.clock.now())).isInstanceOf(Outcome.Newer.class);
    }

    @Test
    void b36_sameVersionOtherHash() {
        Authority second = province.copyOfAuthority();
        SignedDirectory one =
                province.authority.sign(province.authority.draft()).orBug();
        province.clock.forward(Duration.ofSeconds(1));
        SignedDirectory other = second.sign(second.draft()).orBug();
        assertThat(accept(one)).isInstanceOf(Outcome.Newer.class);
        Outcome outcome = accept(other);
        assertThat(outcome).isInstanceOf(Outcome.Forked.class);
        assertThat(outcome.refusalIfAny().orElseThrow().reason()).isEqualTo(ErrorCode.DIRECTORY_FORK);
        assertThat(book.directory().orElseThrow().signed()).isEqualTo(one);
    }

    @Test
    void theAuthorityRefusesToSignWhatDoesNotFitTogether() {
        var office =
                province.authority.directory().organisation(Province.COMMUNE).orElseThrow();
        var node = province.authority.directory().node(Province.COMMUNE).orElseThrow();
        assertThat(province.authority
                        .sign(province.authority.draft().remove(office))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
        assertThat(province.authority
                        .sign(province.authority.draft().remove(node))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
        assertThat(province.authority
                        .sign(province.authority.draft().remove(Policy.standard()))
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.DIRECTORY_INVALID);
        var hub = province.authority.directory().node(Province.HUB).orElseThrow();
        NodeEntry circle =
                new NodeEntry(hub.id(), hub.hosts(), List.of(Province.COMMUNE), List.of(), java.util.Optional.empty());
        assertThat(province.authority
                        .sign(province.authority.draft().put(circle))
                        .refusal()
                        .detail())
                .contains("circle");
        assertThat(province.authority.directory().signed()).isEqualTo(first);
    }
}
