package dev.tocsin.ingest.process;

import dev.tocsin.common.config.Secret;
import dev.tocsin.common.config.Section;
import java.util.List;
import java.util.Optional;

/**
 * Attributes whose values must not be kept: those with one of the keys, and with a matching value
 * where one is asked for. Attributes of spans, their events and links, of log records, data points,
 * exemplars, metrics, scopes and resources are looked at; keys inside nested values are not.
 *
 * @param keys exact, or a beginning followed by {@code *}
 * @param value the attribute's value as text, see {@link dev.tocsin.otlp.wire.AttributeText}
 * @param hashKey of {@link Action#HASH}
 */
record RedactRule(
    RuleScope scope,
    KeyPatterns keys,
    Optional<WholeTextPattern> value,
    Action action,
    Optional<Secret> hashKey) {

  enum Action {
    /** The value becomes {@code ****}. */
    MASK,
    /** The attribute goes. */
    REMOVE,
    /** The value becomes its HMAC-SHA256 in hexadecimal: equal values stay equal. */
    HASH
  }

  static RedactRule from(Section rule) {
    RedactRule read =
        new RedactRule(
            RuleScope.from(rule),
            KeyPatterns.of(rule.strings("keys", List.of())),
            WholeTextPattern.from(rule, "value"),
            rule.choice("action", Action.class, Action.MASK),
            rule.secret("hash_key"));
    if (read.keys.isEmpty()) {
      rule.problem("keys", "none", "attribute keys such as user.email, enduser.* or *");
    }
    if (read.action == Action.HASH && read.hashKey.isEmpty()) {
      rule.problem("hash_key", "none", "a secret for action hash, or hash_key_file");
    }
    return read;
  }
}
