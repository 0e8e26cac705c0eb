package dev.tocsin.ingest.body;

import dev.tocsin.ingest.ports.RefusedException;

/**
 * Inflates one encoding. What it writes goes through {@link InflatedBody}, which holds every limit;
 * memory it takes besides is asked for there too. Keeps native state between bodies, so it belongs
 * to one thread at a time.
 */
interface Codec extends AutoCloseable {

  /**
   * Inflates the whole body, which must end where its encoding says.
   *
   * @throws RefusedException when the body is damaged or passes a limit
   */
  void inflate(byte[] body, InflatedBody out);

  /** Frees the native state. */
  @Override
  void close();
}
