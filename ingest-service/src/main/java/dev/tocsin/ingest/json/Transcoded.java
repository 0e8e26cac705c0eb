package dev.tocsin.ingest.json;

import dev.tocsin.otlp.wire.Warning;
import java.util.Map;

/**
 * What a JSON request stands for.
 *
 * @param request protobuf
 * @param warnings of what senders should not write, but which is understood
 * @param repairedTexts how many texts were no texts, and have U+FFFD in them now
 * @param unknownField the first around items that is not known; empty when there is none
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Transcoded(
    byte[] request, Map<Warning, String> warnings, int repairedTexts, String unknownField) {}
