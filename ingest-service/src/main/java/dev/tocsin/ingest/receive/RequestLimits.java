package dev.tocsin.ingest.receive;

/**
 * What one request may take.
 *
 * @param bytesMax as sent, and again when inflated
 * @param inflationRatioMax how many times its size it may become by inflating
 * @param timeoutMs from its first byte to its answer
 * @param retryDelayMs after which a client that is turned away may come again
 */
public record RequestLimits(
    int bytesMax, int inflationRatioMax, long timeoutMs, long retryDelayMs) {}
