package dev.tocsin.storage.ports;

/** Where an attribute stands. */
public enum AttributeScope {
  /** Anywhere; segments are not indexed for that, so prefer a narrower scope. */
  ANY,
  /** On the span or log record itself or on its resource: what an unscoped name means. */
  ITEM_OR_RESOURCE,
  /** On the span or log record itself. */
  ITEM,
  RESOURCE,
  /** On the instrumentation scope. */
  SCOPE,
  /** On an event of a span. */
  EVENT,
  /** On a link of a span. */
  LINK,
  /** Of a log record's body that is a map or a list: the key is a path in it. */
  BODY
}
