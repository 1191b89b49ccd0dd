package lienthong.gateway.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import lienthong.gateway.message.Address;
import lienthong.gateway.message.CleanText;
import lienthong.gateway.message.ClientId;
import lienthong.gateway.message.Detail;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Limits;
import lienthong.gateway.message.Result;
import lienthong.gateway.message.Service;
import lienthong.gateway.text.Nearest;
import lienthong.proto.gateway.v1.MessageChunk;
import lienthong.proto.gateway.v1.MessageEnd;
import lienthong.proto.gateway.v1.MessageHeader;
import lienthong.proto.gateway.v1.MessageStart;
import lienthong.proto.gateway.v1.PartHeader;
import lienthong.proto.gateway.v1.SendAnswer;
import lienthong.proto.gateway.v1.SendItem;
import lienthong.proto.gateway.v1.SendOneRequest;
import lienthong.proto.gateway.v1.SendRequest;
import lienthong.proto.gateway.v1.SendResponse;
import lienthong.proto.gateway.v1.WholeMessage;
import lienthong.proto.gateway.v1.WholePart;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code send}: hands files over as one message. */
@Command(name = "send")
final class SendCommand extends GatewayCommand {
    private static final long WHOLE_BYTES_MAX = 128 * 1024;
    private static final long FOREVER = Long.MAX_VALUE / 2;

    @Option(
            names = "--to",
            paramLabel = "ADDRESS",
            required = true,
            arity = "1",
            split = ",",
            descriptionKey = "send.to")
    private List<String> to = List.of();

    @Option(names = "--from", paramLabel = "ADDRESS", descriptionKey = "send.from")
    private String from = "";

    @Option(names = "--subject", paramLabel = "TEXT", descriptionKey = "send.subject")
    private String subject = "";

    @Option(names = "--precedence", paramLabel = "WORD", descriptionKey = "send.precedence")
    private String precedence = "0";

    @Option(names = "--mark", paramLabel = "WORD", descriptionKey = "send.mark")
    private String mark = "";

    @Option(names = "--service", paramLabel = "WORD", descriptionKey = "send.service")
    private String service = "";

    @Option(names = "--lifetime", paramLabel = "TIME", descriptionKey = "send.lifetime")
    private @Nullable String lifetime;

    @Option(names = "--id", paramLabel = "ID", descriptionKey = "send.id")
    private @Nullable String clientId;

    @Option(names = "--correlation", paramLabel = "TEXT", descriptionKey = "send.correlation")
    private String correlation = "";

    @Option(names = "--ordering", paramLabel = "TEXT", descriptionKey = "send.ordering")
    private String ordering = "";

    @Option(names = "--type", paramLabel = "TYPE", descriptionKey = "send.type")
    private @Nullable String type;

    @Parameters(paramLabel = "FILE", arity = "0..*", descriptionKey = "send.file")
    private List<String> files = List.of();

    @Override
    Json perform(Root root) throws Refused, IOException, InterruptedException {
        List<Path> paths = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<String> renamed = new ArrayList<>();
        long bytes = 0;
        for (String file : files) {
            Path path = root.input(file);
            paths.add(path);
            bytes += Files.size(path);
            String name = name(path);
            line("FILE " + paths.size(), name, Limits.PART_NAME_BYTES_MAX);
            if (!names.add(name)) {
                throw new Refused(
                        ErrorCode.FIELD_MISSING,
                        "two files are called {0}, and a message has each name once: rename one of them",
                        name);
            }
            if (!name.equals(String.valueOf(path.getFileName()))) {
                renamed.add(name);
            }
        }
        check();
        String id = clientId != null
                ? Refused.unless(ClientId.parse(clientId)).text()
                : HexFormat.of().formatHex(root.surroundings().randomness().bytes(16));
        MessageHeader.Builder header = MessageHeader.newBuilder()
                .setClientId(id)
                .setSender(from)
                .addAllRecipients(addresses())
                .setService(service(root))
                .setSubject(subject)
                .setPrecedence(Words.precedence(precedence))
                .setMark(Words.mark(mark))
                .setCorrelationId(correlation)
                .setOrderingKey(ordering);
        if (lifetime != null) {
            header.setLifetimeSeconds(Words.seconds("--lifetime", lifetime));
        }
        try (Daemon daemon = Daemon.of(root)) {
            SendAnswer answer = bytes <= WHOLE_BYTES_MAX
                    ? sendWhole(daemon, header, paths)
                    : sendLarge(root, daemon, header, paths, bytes);
            return result(root, answer, bytes, renamed);
        }
    }

    /** What the node would refuse too, said by the names of the options. */
    private void check() throws Refused {
        if (files.isEmpty() && subject.isEmpty() && correlation.isEmpty()) {
            throw new Refused(ErrorCode.FIELD_MISSING, "nothing to send: name a FILE or give a --subject");
        }
        // Java has put this in place of bytes that are no letters: sealed, they would stay so for ever.
        if (subject.indexOf('\uFFFD') >= 0) {
            throw new Refused(ErrorCode.TEXT_NOT_CLEAN, "--subject is not UTF-8");
        }
        line("--subject", subject, Limits.SUBJECT_CHARS_MAX);
        line("--correlation", correlation, Limits.CORRELATION_ID_CHARS_MAX);
        line("--ordering", ordering, Limits.ORDERING_KEY_CHARS_MAX);
    }

    private static void line(String option, String text, int charsMax) throws Refused {
        String unused = Refused.unless(CleanText.line(option, text, charsMax));
    }

    private List<String> addresses() throws Refused {
        List<String> all = new ArrayList<>();
        for (String one : to) {
            String text = one.strip();
            Result<Address> address = Address.parse(text);
            if (!address.isOk()) {
                throw new Refused(
                        address.refusal().reason(),
                        Detail.of("--to {0}: {1}", text, address.refusal().about()));
            }
            all.add(text);
        }
        return all;
    }

    /**
     * A word of the product, or one that this node's configuration lists for an application: a mistyped one would travel to an office where no
     * application asks for it.
     */
    private String service(Root root) throws Refused {
        TreeSet<String> known = new TreeSet<>();
        Service.KNOWN.forEach(one -> known.add(one.word()));
        root.configured()
                .ifPresent(config ->
                        config.applications().forEach(app -> app.services().forEach(one -> known.add(one.word()))));
        if (service.isEmpty() || known.contains(service)) {
            return service;
        }
        String all = String.join(" ", known);
        throw new Refused(
                ErrorCode.USAGE,
                Nearest.of(service, known)
                        .map(near -> Detail.of(
                                "--service {0}; did you mean {1}? Known are {2}; a word of your own stands in lienthong.yaml under applications",
                                service, near, all))
                        .orElse(Detail.of(
                                "--service {0}; known are {1}; a word of your own stands in lienthong.yaml under applications",
                                service, all)));
    }

    /** Names of files made on other systems may be decomposed; the name is ours to choose, the content is not. */
    private static String name(Path path) {
        return Normalizer.normalize(String.valueOf(path.getFileName()), Normalizer.Form.NFC);
    }

    private SendAnswer sendWhole(Daemon daemon, MessageHeader.Builder header, List<Path> paths) throws IOException {
        WholeMessage.Builder message = WholeMessage.newBuilder().setHeader(header);
        for (Path path : paths) {
            message.addParts(WholePart.newBuilder()
                    .setHeader(part(path))
                    .setContent(UnsafeByteOperations.unsafeWrap(Files.readAllBytes(path))));
        }
        return daemon.gateway()
                .sendOne(SendOneRequest.newBuilder().setMessage(message).build())
                .getAnswer();
    }

    private SendAnswer sendLarge(Root root, Daemon daemon, MessageHeader.Builder header, List<Path> paths, long bytes)
            throws Refused, IOException, InterruptedException {
        root.say("send.large", Words.size(bytes));
        MessageStart.Builder start = MessageStart.newBuilder().setTransfer(1).setHeader(header);
        for (Path path : paths) {
            start.addParts(part(path).setSizeBytes(Files.size(path)));
        }
        StreamEnd<SendRequest, SendResponse> stream = new StreamEnd<>();
        var unused = daemon.stream().send(stream);
        try {
            boolean open = stream.send(request(SendItem.newBuilder().setStart(start)));
            for (int i = 0; i < paths.size() && open; i++) {
                open = sendPart(stream, i, paths.get(i));
            }
            if (open
                    && stream.send(request(
                            SendItem.newBuilder().setEnd(MessageEnd.newBuilder().setTransfer(1))))) {
                stream.halfClose();
            }
            while (!stream.isOver()) {
                Optional<SendResponse> response = stream.next(FOREVER);
                if (response.isPresent()) {
                    return response.get().getAnswers(0);
                }
            }
            throw new Refused(ErrorCode.NOT_RUNNING, "the node ended the stream without an answer");
        } finally {
            stream.cancel();
        }
    }

    private static boolean sendPart(StreamEnd<SendRequest, SendResponse> stream, int part, Path path)
            throws IOException, InterruptedException {
        try (InputStream file = Files.newInputStream(path)) {
            boolean open = true;
            byte[] piece = file.readNBytes(Limits.API_CHUNK_BYTES_MAX);
            while (piece.length > 0 && open) {
                ByteString content = UnsafeByteOperations.unsafeWrap(piece);
                open = stream.send(request(SendItem.newBuilder()
                        .setChunk(MessageChunk.newBuilder()
                                .setTransfer(1)
                                .setPart(part)
                                .setContent(content))));
                piece = file.readNBytes(Limits.API_CHUNK_BYTES_MAX);
            }
            return open;
        }
    }

    private static SendRequest request(SendItem.Builder item) {
        return SendRequest.newBuilder().addItems(item).build();
    }

    private PartHeader.Builder part(Path path) {
        String name = name(path);
        return PartHeader.newBuilder().setName(name).setContentType(type != null ? type : typeOf(name));
    }

    private static String typeOf(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        String ending = lower.substring(lower.lastIndexOf('.') + 1);
        return switch (ending) {
            case "pdf" -> "application/pdf";
            case "docx" -> "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
            case "xlsx" -> "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            case "xml", "edxml" -> "application/xml";
            case "txt" -> "text/plain";
            case "zip" -> "application/zip";
            default -> "application/octet-stream";
        };
    }

    private Json result(Root root, SendAnswer answer, long bytes, List<String> renamed) throws Refused {
        switch (answer.getOutcomeCase()) {
            case ACCEPTED -> {
                String time = Words.local(answer.getAccepted().getAcceptedAt());
                root.say(
                        answer.getAccepted().getDuplicate() ? "send.duplicate" : "send.accepted",
                        answer.getAccepted().getMessageId(),
                        time,
                        Words.size(bytes));
                if (!renamed.isEmpty()) {
                    root.say("send.renamed", String.join(", ", renamed));
                }
                Json json = Json.object()
                        .put("message_id", answer.getAccepted().getMessageId())
                        .put("client_id", answer.getClientId())
                        .put("accepted_at", Words.utc(answer.getAccepted().getAcceptedAt()))
                        .put("duplicate", answer.getAccepted().getDuplicate())
                        .put("bytes", bytes);
                return renamed.isEmpty() ? json : json.put("renamed", renamed);
            }
            case REFUSED -> throw new Refused(Words.refusal(answer.getRefused()));
            case BUSY ->
                throw new Refused(
                        ErrorCode.ofNumber(answer.getBusy().getNumber()).orElse(ErrorCode.STOPPING),
                        answer.getBusy().getDetail().isEmpty()
                                ? Detail.of(
                                        "retry after {0} ms", answer.getBusy().getRetryAfterMs())
                                : Detail.of(
                                        "{0}; retry after {1} ms",
                                        Detail.technical(answer.getBusy().getDetail()),
                                        answer.getBusy().getRetryAfterMs()));
            default -> throw new Refused(ErrorCode.UNCAUGHT, "an answer without an outcome");
        }
    }
}
