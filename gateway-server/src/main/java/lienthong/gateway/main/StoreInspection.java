package lienthong.gateway.main;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lienthong.gateway.cli.DataFolders.Damaged;
import lienthong.gateway.cli.DataFolders.Part;
import lienthong.gateway.cli.DataFolders.StoreReport;
import lienthong.gateway.cli.DataFolders.View;
import lienthong.gateway.delivery.CustodyPayload;
import lienthong.gateway.delivery.CustodyProjection;
import lienthong.gateway.envelope.Statement;
import lienthong.gateway.envelope.StatementCodec;
import lienthong.gateway.environment.Clock;
import lienthong.gateway.environment.Disk;
import lienthong.gateway.environment.Randomness;
import lienthong.gateway.environment.RealDisk;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.Refusal;
import lienthong.gateway.message.Result;
import lienthong.gateway.node.PayloadGuard;
import lienthong.gateway.store.Kind;
import lienthong.gateway.store.Projection;
import lienthong.gateway.store.Spool;
import lienthong.gateway.store.StoreSettings;
import lienthong.gateway.store.check.StoreFindings;
import lienthong.gateway.store.log.StoreCheck;

/** Looks at a whole store and the audit log beside it. Nobody else may use the folder meanwhile. */
final class StoreInspection {
    private final Clock clock;
    private final Randomness randomness;
    private final Projection projection;

    StoreInspection(Clock clock, Randomness randomness) {
        this(clock, randomness, CustodyProjection.INSTANCE);
    }

    StoreInspection(Clock clock, Randomness randomness, Projection projection) {
        this.clock = clock;
        this.randomness = randomness;
        this.projection = projection;
    }

    /** Of a data folder or a copy of one; {@code NO_INPUT}, {@code STORE_UNREADABLE}, {@code STORE_NEWER}. Changes nothing. */
    Result<StoreReport> look(Path data) throws IOException {
        Disk disk = RealDisk.at(data);
        Result<StoreFindings> looked = StoreCheck.look(
                disk,
                clock,
                randomness,
                StoreSettings.server(data, ProcessHandle.current().pid(), projection),
                StoreInspection::fault);
        return looked instanceof Result.Ok<StoreFindings> found
                ? Result.ok(report(found.value(), AuditInspection.look(disk, clock)))
                : Result.no(looked.refusal());
    }

    /** The root over the ciphertext's blocks, which the sender's seal covers. */
    private static Optional<Detail> fault(Kind kind, Bytes value, Spool.Reader payload) {
        Optional<Statement> statement = CustodyPayload.statement(kind, value)
                .flatMap(text ->
                        StatementCodec.decode(text, null).fold(Optional::of, no -> Optional.<Statement>empty()));
        if (statement.isEmpty()) {
            return Optional.empty();
        }
        if (payload.size() != statement.get().ciphertextLength()) {
            return Optional.of(Detail.of("its length is not the sealed one"));
        }
        return PayloadGuard.root(payload)
                .fold(
                        root -> root.equals(statement.get().ciphertextRoot())
                                ? Optional.empty()
                                : Optional.of(Detail.of("its content is not the sealed one")),
                        no -> Optional.of(Detail.of("it cannot be read")));
    }

    private static StoreReport report(StoreFindings found, AuditInspection audit) {
        List<Damaged> damages = new ArrayList<>();
        for (StoreFindings.Place place : found.damages()) {
            damages.add(new Damaged(
                    place.file().startsWith("archive") ? Part.ARCHIVE : Part.LOG,
                    place.file(),
                    place.offset(),
                    place.length(),
                    place.records(),
                    place.kind()
                            .map(kind -> Detail.of("{0} {1}", word(kind), place.key()))
                            .orElse(Detail.none()),
                    place.known()));
        }
        for (long segment : found.missingSegments()) {
            damages.add(new Damaged(
                    Part.LOG,
                    String.format(Locale.ROOT, "log/%012d.log", segment),
                    0,
                    0,
                    0,
                    Detail.of("the file is missing"),
                    false));
        }
        for (StoreFindings.BadPayload bad : found.badPayloads()) {
            damages.add(new Damaged(
                    Part.SPOOL,
                    String.format(Locale.ROOT, "spool/%016x.spool", bad.id().value()),
                    0,
                    0,
                    0,
                    Detail.of("{0} {1}: {2}", word(bad.kind()), bad.key(), bad.why()),
                    false));
        }
        StoreFindings.ViewState view = found.view();
        if (view.verdict() == StoreFindings.ViewVerdict.DAMAGED
                || view.verdict() == StoreFindings.ViewVerdict.DIFFERS) {
            damages.add(new Damaged(Part.VIEW, "view.db", 0, 0, 0, view.detail(), false));
        }
        audit.fault().ifPresent(fault -> damages.add(new Damaged(Part.AUDIT, "audit", 0, 0, 0, fault.about(), false)));
        List<String> unfinished = new ArrayList<>(found.unfinished());
        audit.unfinished().ifPresent(unfinished::add);
        Map<String, Integer> live = new TreeMap<>();
        found.live().forEach((kind, count) -> live.put(word(kind), count));
        Map<String, Long> archived = new TreeMap<>();
        found.archived().forEach((kind, count) -> archived.put(word(kind), count));
        return new StoreReport(
                found.segments(),
                found.lastNumber(),
                live,
                found.archiveFiles(),
                archived,
                found.spoolFiles(),
                found.spoolBytes(),
                damages,
                found.orphans(),
                unfinished,
                new View(word(view.verdict()), view.lines(), view.behind(), view.wrong()),
                audit.events(),
                audit.checkpoints(),
                gravest(found, audit, damages));
    }

    private static Optional<Refusal> gravest(StoreFindings found, AuditInspection audit, List<Damaged> damages) {
        if (found.gravest().isPresent()) {
            Damaged first = damages.get(0);
            return Optional.of(
                    damages.size() == 1
                            ? Refusal.of(found.gravest().get(), "{0}", first.file())
                            : Refusal.of(
                                    found.gravest().get(),
                                    "{0} and {1} more places",
                                    first.file(),
                                    damages.size() - 1));
        }
        return audit.fault();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
