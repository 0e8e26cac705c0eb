package dev.tocsin.alert.rules;

import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;

/** Reads rule files before anything else starts: with an error in them the service does not. */
public final class RuleFiles implements Component {
  private final Vertx vertx;
  private final boolean withDefaults;
  private final List<String> patterns;
  private volatile Map<String, RuleGroupRecord> groups = Map.of();

  public RuleFiles(Vertx vertx, boolean withDefaults, List<String> patterns) {
    this.vertx = vertx;
    this.withDefaults = withDefaults;
    this.patterns = List.copyOf(patterns);
  }

  @Override
  public String name() {
    return "rule-files";
  }

  /** Fails with a ConfigException that names all problems of all files. */
  @Override
  public Future<Void> start() {
    return vertx
        .executeBlocking(() -> RuleSources.read(withDefaults, patterns), false)
        .onSuccess(read -> groups = read)
        .mapEmpty();
  }

  /** By key; empty before the start. */
  public Map<String, RuleGroupRecord> groups() {
    return groups;
  }

  @Override
  public Future<Void> stop() {
    return Future.succeededFuture();
  }
}
