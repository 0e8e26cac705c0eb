package dev.tocsin.ingest.json;

import dev.tocsin.otlp.wire.Warning;
import java.util.Set;

/**
 * What a JSON request stands for.
 *
 * @param request protobuf
 * @param warnings of what senders should not write, but which is understood
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Transcoded(byte[] request, Set<Warning> warnings) {}
