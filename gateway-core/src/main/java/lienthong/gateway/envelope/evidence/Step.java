package lienthong.gateway.envelope.evidence;

import lienthong.gateway.message.Detail;

/**
 * One step of a check, in words.
 *
 * @param id stable name of the step, for translations: see {@link Id}
 * @param outcome whether it held
 * @param about what was compared with what and what came of it, in plain words; names and hashes, never content
 */
public record Step(Id id, Outcome outcome, Detail about) {
    /** In English, at most 300 characters. */
    public String text() {
        return about.english();
    }

    /** How a step ended. */
    public enum Outcome {
        HOLDS,
        FAILS,
        /** Neither: something the reader should know or do. */
        NOTE
    }

    /** The steps, in the order in which they are made. */
    public enum Id {
        /** The zip: known names, sizes, nothing twice, the two files of instructions unchanged. */
        FILES,
        /** The fingerprint. */
        NETWORK,
        /** Head under both signatures of the authority, entries in its tree, CAs named by it. */
        DIRECTORY,
        /** Core and statement in their one form and belonging together. */
        ENVELOPE,
        /** The statement under the signed root. */
        PATH,
        /** The CMS by the certificate that the core names. */
        SIGNATURE,
        /** The certificate is the sender's, valid then. */
        SIGNER,
        /** It is not revoked, or somebody else witnessed it before. */
        REVOCATION,
        /** The second, post-quantum seal. */
        SECOND_SEAL,
        /** The manifest is the one sealed. */
        MANIFEST,
        /** The parts are those sealed. */
        PARTS,
        /** A receipt: about this message, by somebody who may say so. */
        RECEIPT,
        /** An entry of the exporting node's audit log: about this envelope, under a checkpoint that the node signed. */
        AUDIT,
        /** Where the envelope stands in its sender's sequence, and whether what stands beside it agrees. */
        SEQUENCE;

        /** Under which name a path that leads elsewhere is told. */
        Id ofPath() {
            return this == SIGNATURE ? PATH : this;
        }
    }
}
