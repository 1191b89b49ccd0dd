package lienthong.gateway.link;

import lienthong.gateway.message.Address;
import lienthong.gateway.message.SignedReceipt;

/**
 * A receipt on its way home.
 *
 * @param to sender of the messages it is about; the text does not say it, and a relay no longer holds the message
 * @param receipt as received
 */
public record CarriedReceipt(Address to, SignedReceipt receipt) {}
