package dev.tocsin.segment.span;

/**
 * Is told of the spans of a segment while they are encoded, in stored order (service, name, time):
 * what is summed up beside a segment costs no second reading. Used by one thread at a time.
 */
public interface SpanSink {
  /** Does not listen. */
  SpanSink NONE =
      new SpanSink() {
        @Override
        public boolean wants(String attributeKey) {
          return false;
        }

        @Override
        public void begin(SpanNames names) {}

        @Override
        public void add(SpanRow row) {}

        @Override
        public void end() {}
      };

  /** Whether rows should tell of the attributes of that key; asked once a segment. */
  boolean wants(String attributeKey);

  /** A segment begins; its rows name services, spans and traces by number. */
  void begin(SpanNames names);

  /**
   * The next span.
   *
   * @param row valid during the call
   */
  void add(SpanRow row);

  /** The segment had no more spans. */
  void end();
}
