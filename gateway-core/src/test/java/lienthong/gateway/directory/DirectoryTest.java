package lienthong.gateway.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import lienthong.gateway.identity.Authority;
import lienthong.gateway.identity.NetworkPlan;
import lienthong.gateway.identity.Province;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.OrganisationId;
import org.junit.jupiter.api.Test;

class DirectoryTest {
    private final Province province = Province.make(1);
    private final Directory directory = province.authority.directory();

    private static OrganisationId id(String code) {
        return new OrganisationId(code);
    }

    @Test
    void resolvesCodesAndAliasesExactlyAndNamesTheNearest() {
        assertThat(directory.resolve("A08.10")).contains(Province.TAY_SON);
        assertThat(directory.resolve("000.00.10.A08")).contains(Province.TAY_SON);
        assertThat(directory.resolve("a08.10")).isEmpty();
        assertThat(directory.resolve("không có")).isEmpty();
        assertThat(directory.nearestKnown("A08.10.06")).contains("A08.10.05");
        assertThat(directory.nearestKnown("a08.10")).contains("A08.10");
        assertThat(directory.nearestKnown("000.00.10.A8")).contains("A08.10");
        assertThat(directory.nearestKnown("ZZZZZZZZZZZZ")).isEmpty();
        assertThat(directory.nearestKnown("")).isEmpty();
        assertThat(directory.knows(Address.of(Province.HUB))).isTrue();
        assertThat(directory.knows(Address.parse("A08/eoffice").orBug())).isFalse();
    }

    @Test
    void waysClimbCrossOnceAndDescend() {
        // A08 ─ A1 (C1 C2) and A2 (C3); C2 also dials A2; A1 and A2 are neighbours; A3 is an island's hub.
        Directory tree = tree("A08:", "A1:A08", "A2:A08", "C1:A1", "C2:A1,A2", "C3:A2", "A3:");
        assertThat(tree.nextHops(id("C1"), id("A08"))).containsExactly(id("A1"));
        assertThat(tree.nextHop(id("A08"), id("C1"))).contains(id("A1"));
        assertThat(tree.nextHop(id("C1"), id("C3"))).contains(id("A1"));
        assertThat(tree.nextHop(id("A1"), id("C3"))).contains(id("A08"));
        assertThat(tree.nextHops(id("C2"), id("A08"))).containsExactly(id("A1"), id("A2"));
        assertThat(tree.nextHops(id("A08"), id("C2"))).containsExactly(id("A1"), id("A2"));
        // A commune with two parents carries nobody's mail between them.
        assertThat(tree.nextHop(id("A1"), id("A2"))).contains(id("A08"));
        assertThat(tree.nextHop(id("C1"), id("A3"))).isEmpty();
        assertThat(tree.nextHop(id("C1"), id("C1"))).isEmpty();
        assertThat(tree.nextHop(id("C1"), id("X"))).isEmpty();
        assertThat(tree.neighbours(id("A2"))).containsExactly(id("A08"), id("C2"), id("C3"));
    }

    @Test
    void noMessageCirclesInAnyTree() {
        long seed = 77;
        Random random = new Random(seed);
        for (int round = 0; round < 5; round++) {
            List<String> lines = new ArrayList<>(List.of("N0:"));
            for (int i = 1; i < 40; i++) {
                int first = random.nextInt(i);
                int second = random.nextInt(i);
                lines.add("N" + i + ":N" + first + (second != first && i % 3 == 0 ? ",N" + second : ""));
            }
            Directory tree;
            try {
                tree = tree(lines.toArray(String[]::new));
            } catch (lienthong.gateway.message.Bug tooDeep) {
                continue;
            }
            for (NodeEntry from : tree.nodes()) {
                for (NodeEntry to : tree.nodes()) {
                    OrganisationId at = from.id();
                    int hops = 0;
                    while (!at.equals(to.id())) {
                        List<OrganisationId> next = tree.nextHops(at, to.id());
                        assertThat(next)
                                .as("seed %d, %s to %s", seed, from.id(), to.id())
                                .isNotEmpty();
                        at = next.get(random.nextInt(next.size()));
                        assertThat(++hops)
                                .as("seed %d, %s to %s", seed, from.id(), to.id())
                                .isLessThan(40);
                    }
                }
            }
        }
    }

    private Directory tree(String... lines) {
        List<NetworkPlan.Office> offices = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(":", -1);
            List<OrganisationId> parents = words[1].isEmpty()
                    ? List.of()
                    : java.util.Arrays.stream(words[1].split(",", -1))
                            .map(DirectoryTest::id)
                            .toList();
            offices.add(new NetworkPlan.Office(
                    id(words[0]),
                    "Cơ quan " + words[0],
                    Optional.empty(),
                    parents.stream().findFirst(),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    Optional.of(parents),
                    List.of()));
        }
        return Authority.create(
                        "cây",
                        NetworkPlan.of(offices),
                        "p".toCharArray(),
                        Province.CHEAP,
                        Province.memory(),
                        province.randomness,
                        province.clock)
                .orBug()
                .directory();
    }

    @Test
    void suitesAreRankedByStrengthNotByNumber() {
        Policy.Suites standard = Policy.standard().suites();
        assertThat(standard.allows(1, 1)).isTrue();
        assertThat(standard.allows(3, 1)).isTrue();
        assertThat(standard.allows(2, 2)).isFalse();
        assertThat(standard.allows(1, 3)).isFalse();
        assertThat(standard.allows(0, 1)).isFalse();
        assertThat(standard.allows(7, 1)).isFalse();
        assertThat(new Policy.Suites(2, true).allows(2, 2)).isTrue();
        assertThat(new Policy.Suites(2, true).allows(2, 1)).isFalse();
        assertThat(new Policy.Suites(1, false).allows(200, 3)).isTrue();
        assertThat(directory.suiteMinimum(Address.of(Province.HUB))).isEqualTo(1);
        var office = directory.organisation(Province.HUB).orElseThrow();
        assertThat(office.suiteMinimum()).isEmpty();
    }

    @Test
    void everyEntryReadsBackAndNoOtherSpellingDoes() {
        var unused = province.invite(Province.TAY_SON);
        var withAll = province.authority
                .revoke(
                        RevocationEntry.What.CERTIFICATE,
                        directory.root().ca(),
                        Province.HUB,
                        RevocationEntry.Reason.SUPERSEDED)
                .orBug();
        assertThat(unused.facts().node()).isEqualTo(Province.TAY_SON);
        for (Bytes text : withAll.entries()) {
            DirectoryEntry entry = EntryCodec.parse(text, directory.network()).orBug();
            assertThat(entry.text(directory.network())).isEqualTo(text);
            String spelt = text.utf8();
            for (String other : List.of(
                    spelt.substring(0, spelt.length() - 1),
                    spelt + "x 1\n",
                    spelt + "\n",
                    spelt.replaceFirst("\n", "\r\n"),
                    spelt.replaceFirst(" ", "  "),
                    spelt.substring(spelt.indexOf('\n') + 1),
                    spelt + spelt.substring(spelt.lastIndexOf('\n', spelt.length() - 2) + 1),
                    spelt.replaceFirst("lienthong 1", "lienthong 2"),
                    spelt.replaceFirst("lienthong 1", "lienthong 01"))) {
                assertThat(EntryCodec.parse(Bytes.utf8(other), directory.network())
                                .isOk())
                        .as(other)
                        .isFalse();
            }
            String[] lines = spelt.split("\n", -1);
            for (int i = 1; i + 2 < lines.length; i++) {
                String[] swapped = lines.clone();
                swapped[i] = lines[i + 1];
                swapped[i + 1] = lines[i];
                if (!lines[i].equals(lines[i + 1])) {
                    assertThat(EntryCodec.parse(Bytes.utf8(String.join("\n", swapped)), directory.network())
                                    .isOk())
                            .as(String.join("\n", swapped))
                            .isFalse();
                }
            }
        }
        assertThat(EntryCodec.parse(
                                Bytes.utf8("lienthong 1 " + directory.network().hex() + " directory\n"),
                                directory.network())
                        .isOk())
                .isFalse();
        assertThat(EntryCodec.parse(
                                withAll.entries().get(0),
                                Province.other(2).authority.root().fingerprint())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
    }

    @Test
    void anExtractProvesItsEntriesAndNoOthers() {
        var unused = province.inviteEverybody();
        assertThat(unused).hasSize(4);
        Directory signed = province.authority.directory();
        DirectoryExtract extract = DirectoryExtract.of(signed, List.of(Province.COMMUNE, Province.HUB));
        DirectoryExtract read = DirectoryExtract.parse(extract.toBytes()).orBug();
        assertThat(read).isEqualTo(extract);
        DirectoryExtract.Verified verified = read.verify(signed.network()).orBug();
        assertThat(verified.version()).isEqualTo(signed.version());
        assertThat(verified.organisation(Province.COMMUNE)).isEqualTo(signed.organisation(Province.COMMUNE));
        assertThat(verified.organisation(Province.QUY_NHON)).isEmpty();
        assertThat(extract.certificates())
                .contains(
                        signed.rootCa().der(),
                        signed.caOf(Province.COMMUNE).orElseThrow().der());
        assertThat(extract.toBytes().size())
                .isLessThan(signed.signed().toBytes().size());

        assertThat(read.verify(Province.other(3).authority.root().fingerprint())
                        .refusal()
                        .reason())
                .isEqualTo(ErrorCode.OTHER_NETWORK);
        DirectoryExtract.Item item = extract.items().get(0);
        for (DirectoryExtract.Item forged : List.of(
                new DirectoryExtract.Item(item.index() + 1, item.text(), item.path()),
                new DirectoryExtract.Item(item.index(), extract.items().get(1).text(), item.path()),
                new DirectoryExtract.Item(
                        item.index(),
                        item.text(),
                        item.path().subList(1, item.path().size())))) {
            List<DirectoryExtract.Item> items = new ArrayList<>(extract.items());
            items.set(0, forged);
            assertThat(new DirectoryExtract(
                                    extract.root(),
                                    extract.head(),
                                    extract.signatures(),
                                    items,
                                    extract.certificates(),
                                    extract.rootCrl())
                            .verify(signed.network())
                            .isOk())
                    .isFalse();
        }
        byte[] bytes = extract.toBytes().toArray();
        for (int i = 0; i < bytes.length; i += 61) {
            byte[] altered = bytes.clone();
            altered[i] ^= 16;
            boolean crl = DirectoryExtract.parse(Bytes.ofOwned(altered))
                    .fold(value -> !value.rootCrl().equals(extract.rootCrl()), no -> false);
            assertThat(DirectoryExtract.parse(Bytes.ofOwned(altered))
                                    .then(value -> value.verify(signed.network()))
                                    .isOk()
                            && !crl)
                    .as("byte %d", i)
                    .isFalse();
        }
    }

    @Test
    void theSamplesSizeOfANetworkIsSignedInOneGo() {
        List<String> lines = new ArrayList<>(List.of("A08:"));
        for (int i = 1; i <= 11; i++) {
            lines.add("A08." + i + ":A08");
            for (int j = 1; j <= 14; j++) {
                lines.add("A08." + i + "." + j + ":A08." + i);
            }
        }
        Directory large = tree(lines.toArray(String[]::new));
        assertThat(large.organisations()).hasSize(166);
        assertThat(large.nextHop(id("A08.3.2"), id("A08.7.1"))).contains(id("A08.3"));
    }
}
