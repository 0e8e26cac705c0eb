package dev.tocsin.ingest.access;

import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys for a first start, without a console: a file with one record of the contract ({@link
 * AccessKeyRecord}, JSON) a line; empty lines and those that begin with {@code #} do not count. It
 * holds hashes only. It is read again every {@code keys_reload_interval}; when it cannot be, the
 * keys read last stay and the health is degraded.
 */
final class KeysFile implements Component {
  private static final Logger log = LoggerFactory.getLogger(KeysFile.class);

  private final Vertx vertx;
  private final Path path;
  private final long reloadMs;
  private final KeyRing ring;
  private volatile String problem = "";
  private volatile List<AccessKeyRecord> last = List.of();
  private volatile long timer = -1;

  KeysFile(Vertx vertx, Path path, long reloadMs, KeyRing ring) {
    this.vertx = vertx;
    this.path = path;
    this.reloadMs = reloadMs;
    this.ring = ring;
  }

  @Override
  public String name() {
    return "keys-file";
  }

  @Override
  public Future<Void> start() {
    return load()
        .onSuccess(loaded -> timer = vertx.setPeriodic(reloadMs, id -> reload()))
        .recover(e -> Future.failedFuture(new IllegalStateException(e.getMessage(), e)));
  }

  private void reload() {
    load()
        .onSuccess(loaded -> problem = "")
        .onFailure(
            e -> {
              String text = e.getMessage() + "; the keys read before are kept";
              if (!text.equals(problem)) {
                log.warn("{}", text);
              }
              problem = text;
            });
  }

  private Future<Void> load() {
    // Reading blocks.
    return vertx
        .executeBlocking(() -> parse(path, Files.readAllLines(path)), false)
        .recover(
            e ->
                Future.failedFuture(
                    e instanceof IOException
                        ? new IllegalStateException(
                            path + " (expected: a readable file of access keys, not " + e + ")")
                        : e))
        .onSuccess(this::apply)
        .mapEmpty();
  }

  private void apply(List<AccessKeyRecord> keys) {
    if (!keys.equals(last)) {
      last = keys;
      ring.replace(KeyRing.Source.FILE, keys);
      log.info("{} access keys read from {}", keys.size(), path);
    }
  }

  /**
   * @throws IllegalArgumentException naming the line that is no key
   */
  static List<AccessKeyRecord> parse(Path path, List<String> lines) {
    List<AccessKeyRecord> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        keys.add(AccessKeyRecord.decode(Buffer.buffer(line).getBytes()));
      } catch (ContractException e) {
        throw new IllegalArgumentException(path + ":" + (i + 1) + ": " + e.getMessage(), e);
      }
    }
    return keys;
  }

  @Override
  public Future<Void> stop() {
    boolean unused = vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(problem.isEmpty() ? Health.healthy() : Health.degraded(problem));
  }
}
