package io.sluice.target.net;

/** The protocol on one connection. All calls come on the connection's loop. */
public interface ConnectionHandler {
    /**
     * Consumes every complete unit in {@code received}, in place.
     *
     * @return how many bytes from the read index on make the next unit complete, as far as that is known
     */
    int received(ReceiveBuffer received);

    /** The end of a turn in which something happened: what the turn gathered is to be carried out now. */
    void endOfTurn();

    /** The connection is gone; called once. {@code reason} is for people. */
    void closed(String reason);
}
