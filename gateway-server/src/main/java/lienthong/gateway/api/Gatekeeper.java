package lienthong.gateway.api;

import io.grpc.Attributes;
import io.grpc.Grpc;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import lienthong.gateway.message.Bytes;
import lienthong.gateway.message.ErrorCode;
import lienthong.gateway.message.Hash;
import lienthong.gateway.message.Result;

/** Tells from a connection which application calls. Denies by default. */
final class Gatekeeper {
    private static final String OPERATOR = "operator";

    private final List<Application> applications;
    private final int ownUid;

    /** {@code ownUid}: the user the node runs as, who is the operator, as root is. */
    Gatekeeper(List<Application> applications, int ownUid) {
        this.applications = applications;
        this.ownUid = ownUid;
    }

    /** The certificate by which a caller on TLS is known, DER; empty for a local user. */
    static Optional<Bytes> certificateOf(Attributes transport) {
        SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length == 0 ? Optional.empty() : Optional.of(Bytes.ofOwned(chain[0].getEncoded()));
        } catch (SSLPeerUnverifiedException | CertificateEncodingException none) {
            return Optional.empty();
        }
    }

    /** The caller, or {@code WHO_ARE_YOU}, {@code CERTIFICATE_EXPIRED}. */
    Result<Caller> admit(Attributes transport, Instant now) {
        Integer uid = transport.get(PeerNegotiator.PEER_UID);
        if (uid != null) {
            return byUid(uid);
        }
        SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        return session == null
                ? Result.no(ErrorCode.WHO_ARE_YOU, "neither a local user nor a certificate")
                : byCertificate(session, now);
    }

    /** The caller in words, for logs and the audit. */
    static String describe(Attributes transport) {
        Integer uid = transport.get(PeerNegotiator.PEER_UID);
        if (uid != null) {
            return "uid " + uid;
        }
        // Without the port: one machine is one source, however often it dials.
        return transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress address
                ? address.getHostString()
                : "unknown";
    }

    private Result<Caller> byUid(int uid) {
        for (Application application : applications) {
            if (application.uid().isPresent() && application.uid().get() == uid && uid != ownUid && uid != 0) {
                return Result.ok(application.caller());
            }
        }
        return uid == ownUid || uid == 0
                ? Result.ok(new Caller(OPERATOR, java.util.Set.of(), java.util.Set.of(), true))
                : Result.no(ErrorCode.WHO_ARE_YOU, "uid {0} is not listed in applications", uid);
    }

    private Result<Caller> byCertificate(SSLSession session, Instant now) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
                return Result.no(ErrorCode.WHO_ARE_YOU, "no certificate");
            }
            Hash hash = Hash.of(Bytes.ofOwned(certificate.getEncoded()));
            if (now.isAfter(certificate.getNotAfter().toInstant())
                    || now.isBefore(certificate.getNotBefore().toInstant())) {
                return Result.no(
                        ErrorCode.CERTIFICATE_EXPIRED,
                        "valid {0} to {1}",
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant());
            }
            for (Application application : applications) {
                if (application.certificate().isPresent()
                        && application.certificate().get().equals(hash)) {
                    return Result.ok(application.caller());
                }
            }
            return Result.no(
                    ErrorCode.WHO_ARE_YOU, "certificate with SHA-256 {0} is not listed in applications", hash.hex());
        } catch (SSLPeerUnverifiedException | CertificateEncodingException none) {
            return Result.no(ErrorCode.WHO_ARE_YOU, "no certificate");
        }
    }
}
