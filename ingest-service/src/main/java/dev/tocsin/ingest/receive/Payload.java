package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.otlp.wire.Signal;

/** What the headers of a call say of its body. */
public record Payload(String transport, Signal signal, BodyFormat format) {}
