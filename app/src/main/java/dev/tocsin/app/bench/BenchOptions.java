package dev.tocsin.app.bench;

import dev.tocsin.otlp.wire.Signal;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * What a run does.
 *
 * @param items spans, points or log records of a request
 * @param itemsPerSecond due over all connections; 0 for a closed loop
 * @param connections number of connections
 * @param inFlight requests at a time per connection
 * @param unique whether every compressed request is compressed anew
 * @param retry whether retryable refusals are sent again instead of counting as errors
 * @param trustAll whether any certificate will do
 * @param errorPercentMax above it the command fails
 * @param processes to be measured besides the bench itself
 */
record BenchOptions(
    URI endpoint,
    Signal signal,
    Protocol protocol,
    BodyCompression compression,
    int items,
    int spansPerTrace,
    double itemsPerSecond,
    int connections,
    int inFlight,
    long warmUpMs,
    long durationMs,
    long timeoutMs,
    long seed,
    boolean unique,
    boolean retry,
    boolean trustAll,
    double errorPercentMax,
    Map<String, String> headers,
    List<ProcessMeter> processes) {

  boolean openLoop() {
    return itemsPerSecond > 0;
  }

  /** As these, with another number of requests at a time per connection. */
  BenchOptions withInFlight(int requests) {
    return new BenchOptions(
        endpoint,
        signal,
        protocol,
        compression,
        items,
        spansPerTrace,
        itemsPerSecond,
        connections,
        requests,
        warmUpMs,
        durationMs,
        timeoutMs,
        seed,
        unique,
        retry,
        trustAll,
        errorPercentMax,
        headers,
        processes);
  }
}
