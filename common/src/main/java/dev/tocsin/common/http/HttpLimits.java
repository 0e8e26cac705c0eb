package dev.tocsin.common.http;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;

/** How much a caller of a service's API may send before it is refused with a status of 4xx. */
final class HttpLimits {
  /** A URI: Grafana sends queries of 60 KB by GET, percent-encoded. */
  static final int URI_BYTES_MAX = 64 << 10;

  /** What a request line has beside its URI. */
  private static final int METHOD_AND_VERSION_BYTES = 64;

  /** All headers of a request together. */
  static final int HEADER_BYTES_MAX = 16 << 10;

  static final int BODY_BYTES_MAX = 1 << 20;

  /** One value of a form: a query may be as long as its parser allows. */
  private static final int FORM_ATTRIBUTE_BYTES_MAX = BODY_BYTES_MAX;

  private static final int FORM_FIELDS_MAX = 1_024;
  private static final int STREAMS_PER_CONNECTION_MAX = 100;
  private static final int IDLE_SECONDS_MAX = 60;

  private HttpLimits() {}

  static HttpServerOptions options(Listen listen) {
    return new HttpServerOptions()
        .setHost(listen.host())
        .setPort(listen.port())
        .setTcpNoDelay(true)
        .setCompressionSupported(true)
        .setIdleTimeout(IDLE_SECONDS_MAX)
        .setMaxInitialLineLength(URI_BYTES_MAX + METHOD_AND_VERSION_BYTES)
        .setMaxHeaderSize(HEADER_BYTES_MAX)
        .setMaxFormAttributeSize(FORM_ATTRIBUTE_BYTES_MAX)
        .setMaxFormFields(FORM_FIELDS_MAX)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(STREAMS_PER_CONNECTION_MAX)
                // There the URI is one of the headers.
                .setMaxHeaderListSize(URI_BYTES_MAX + HEADER_BYTES_MAX));
  }
}
