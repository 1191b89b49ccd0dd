package lienthong.gateway.link.netty;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSession;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedTrustManager;
import lienthong.gateway.link.PeerJudge;
import lienthong.gateway.link.TlsIdentity;
import lienthong.gateway.message.Bug;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.Invariant;

/**
 * TLS of a link: version 1.3 alone, both sides with certificates, exactly the key agreements the policy names, the protocol's own ALPN name. What
 * was negotiated is asserted afterwards at both ends, so that a library that would fall back is found out. Thread-safe.
 *
 * <p>Source: RFC 8446; draft-ietf-tls-ecdhe-mlkem (X25519MLKEM768, codepoint 0x11EC); RFC 7301.
 */
public final class LinkTls {
    /** The protocol's name in ALPN. */
    public static final String ALPN = "lienthong/1";
    /** Hybrid key agreement: what is recorded today cannot be read by a quantum computer of tomorrow. */
    public static final String HYBRID_GROUP = "X25519MLKEM768";
    /** What policy may add for a partner whose library is older. */
    public static final String CLASSICAL_GROUP = "X25519";

    private static final int CERTIFICATE_BYTES_MAX = 16 * 1024;

    private final PeerJudge judge;
    private final List<String> groups;
    /** Connections whose handshake is over, until they end. */
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    private volatile Contexts contexts;

    private record Contexts(SslContext server, SslContext client) {}

    private LinkTls(TlsIdentity identity, PeerJudge judge, List<String> groups) {
        this.judge = judge;
        this.groups = groups;
        this.contexts = contextsOf(identity);
    }

    /**
     * @param alsoClassical whether policy lets {@link #CLASSICAL_GROUP} stand beside the hybrid one
     * @throws Bug when this machine's TLS engine is not the pinned one
     */
    public static LinkTls of(TlsIdentity identity, PeerJudge judge, boolean alsoClassical) {
        Invariant.check(OpenSsl.isAvailable(), "the TLS engine is missing: %s", OpenSsl.unavailabilityCause());
        return new LinkTls(
                identity, judge, alsoClassical ? List.of(HYBRID_GROUP, CLASSICAL_GROUP) : List.of(HYBRID_GROUP));
    }

    /** Name and version of this machine's TLS engine; empty when it cannot be loaded. */
    public static Optional<String> engine() {
        return OpenSsl.isAvailable() ? Optional.of(OpenSsl.versionString()) : Optional.empty();
    }

    /** Whether the engine agrees on keys by {@link #HYBRID_GROUP}. */
    public static boolean speaksHybrid() {
        try {
            return OpenSsl.isAvailable()
                    && SslContextBuilder.forClient()
                            .sslProvider(SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .option(OpenSslContextOption.GROUPS, new String[] {HYBRID_GROUP})
                            .build()
                            .isClient();
        } catch (SSLException | IllegalArgumentException unknownGroup) {
            return false;
        }
    }

    /** Connections from now on show this identity; open ones go on. */
    public void renew(TlsIdentity identity) {
        contexts = contextsOf(identity);
    }

    /**
     * What the judge goes by has changed: every open connection is judged anew by the certificates of its handshake, on its own thread. Whoever would
     * not come in now as the same peer is told why and goes; one whose certificate has only run out stays until its next handshake. Any thread.
     */
    public void judgeAgain() {
        open.forEach(Connection::judgeSoon);
    }

    void opened(Connection connection) {
        open.add(connection);
    }

    void closed(Connection connection) {
        open.remove(connection);
    }

    SslContext server() {
        return contexts.server;
    }

    SslContext client() {
        return contexts.client;
    }

    PeerJudge.Verdict judge(SSLEngine engine) throws SSLPeerUnverifiedException {
        List<Bytes> chain = new ArrayList<>();
        for (Certificate certificate : engine.getSession().getPeerCertificates()) {
            try {
                chain.add(Bytes.ofOwned(certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new Bug("a certificate that was parsed has bytes", e);
            }
        }
        return judge.judge(chain);
    }

    /** What is wrong with a finished handshake; empty when nothing is. */
    Optional<String> fault(SSLEngine engine, String alpn) {
        String version = engine.getSession().getProtocol();
        if (!"TLSv1.3".equals(version)) {
            return Optional.of("negotiated " + version);
        }
        if (!ALPN.equals(alpn)) {
            return Optional.of("no ALPN " + ALPN);
        }
        String group = engine.getSession() instanceof OpenSslSession session ? session.getNamedGroup() : "unknown";
        return groups.contains(group) ? Optional.empty() : Optional.of("negotiated group " + group);
    }

    /** The key agreement of a finished handshake. */
    static String groupOf(SSLEngine engine) {
        return engine.getSession() instanceof OpenSslSession session ? session.getNamedGroup() : "unknown";
    }

    private Contexts contextsOf(TlsIdentity identity) {
        List<X509Certificate> chain = new ArrayList<>();
        for (Bytes der : identity.chain()) {
            chain.add(certificate(der));
        }
        try {
            return new Contexts(
                    with(SslContextBuilder.forServer(identity.key(), chain).clientAuth(ClientAuth.REQUIRE))
                            .build(),
                    with(SslContextBuilder.forClient()
                                    .keyManager(identity.key(), chain)
                                    // Peers are who the directory says, not who a host name says.
                                    .endpointIdentificationAlgorithm(null))
                            .build());
        } catch (SSLException e) {
            throw new Bug("TLS context of an own identity", e);
        }
    }

    private SslContextBuilder with(SslContextBuilder builder) {
        return builder.sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(new Judging(judge))
                .option(OpenSslContextOption.GROUPS, groups.toArray(String[]::new))
                .option(OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, CERTIFICATE_BYTES_MAX)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ALPN))
                // A resumed session would skip the judge.
                .sessionCacheSize(0)
                .sessionTimeout(0);
    }

    private static X509Certificate certificate(Bytes der) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toArray()));
        } catch (CertificateException e) {
            throw new Bug("certificate of an own identity", e);
        }
    }

    /** Asks the judge; knows no list of issuers, so that a peer of another network shows its certificate and is named in the log. */
    private static final class Judging extends X509ExtendedTrustManager {
        private final PeerJudge judge;

        Judging(PeerJudge judge) {
            this.judge = judge;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0 || chain.length > PeerJudge.CHAIN_MAX) {
                throw new CertificateException("chain of " + chain.length);
            }
            List<Bytes> bytes = new ArrayList<>(chain.length);
            for (X509Certificate certificate : chain) {
                bytes.add(Bytes.ofOwned(certificate.getEncoded()));
            }
            PeerJudge.Verdict verdict = judge.judge(bytes);
            if (verdict instanceof PeerJudge.Verdict.Alert alert) {
                throw new CertificateException(alert.why().toString());
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
