package dev.tocsin.ingest.receive;

import dev.tocsin.common.otlp.MalformedOtlpException;
import dev.tocsin.common.otlp.OtlpRequest;
import dev.tocsin.common.otlp.OtlpScanner;
import dev.tocsin.common.otlp.OtlpSplit;
import dev.tocsin.common.otlp.OtlpSplitter;
import dev.tocsin.common.otlp.Warning;
import dev.tocsin.ingest.IngestConfig;
import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import dev.tocsin.ingest.TelemetrySink;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.json.JsonTranscoder;
import dev.tocsin.ingest.json.Transcoded;
import java.util.Set;

/** Makes records of a body: inflate, transcode, scan, split. Does no I/O; thread-safe. */
final class Preparation {
  private final JsonTranscoder transcoder;
  private final TelemetrySink sink;

  Preparation(JsonTranscoder transcoder, TelemetrySink sink) {
    this.transcoder = transcoder;
    this.sink = sink;
  }

  /**
   * @param body is given up; the answer may contain it
   * @param inflater of the calling thread
   * @param permit is asked for the memory of each form the body takes, and given back what is over
   * @throws RefusedException when the body cannot be used
   */
  OtlpSplit prepare(
      Payload payload,
      ContentEncoding encoding,
      byte[] body,
      Inflater inflater,
      Admission.Permit permit) {
    long before = permit.held();
    byte[] inflated = inflater.inflate(encoding, body, permit);
    if (inflated != body) {
      permit.shrink(before);
      before = permit.held();
    }
    byte[] request = inflated;
    Set<Warning> warnings = Set.of();
    if (payload.format() == BodyFormat.JSON) {
      Transcoded transcoded = transcoder.transcode(payload.signal(), inflated, permit);
      request = transcoded.request();
      warnings = transcoded.warnings();
      permit.shrink(before);
    }
    try {
      OtlpRequest scanned = OtlpScanner.scan(payload.signal(), request);
      warnings.forEach(scanned::warn);
      return OtlpSplitter.split(
          scanned, sink.partitions(payload.signal()), IngestConfig.RECORD_BYTES_MAX);
    } catch (MalformedOtlpException e) {
      throw new RefusedException(
          Reason.MALFORMED,
          "body: no " + payload.signal().label() + " export request, " + e.getMessage());
    }
  }
}
