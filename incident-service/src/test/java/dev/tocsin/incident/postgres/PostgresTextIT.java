package dev.tocsin.incident.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.postgres.Migrations;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.postgres.PostgresFailures;
import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Any text becomes one that a real PostgreSQL stores and gives back as it is. */
class PostgresTextIT {
  private static final int TEXTS = 5_000;

  private final Vertx vertx = Vertx.vertx();
  private Postgres postgres;

  @BeforeEach
  void start() {
    PostgresServer server = Backends.freshDatabase("text");
    Backends.execute(server, "create table held (key text primary key, other text)");
    Backends.execute(server, "create index held_other on held (other, key)");
    postgres = new Postgres(vertx, server.settings(), Migrations.none("public"));
  }

  @AfterEach
  void stop() throws Exception {
    get(postgres.stop());
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private RowSet<Row> ask(String sql, Object value) throws Exception {
    return get(postgres.pool().preparedQuery(sql).execute(Tuple.of(value)));
  }

  private static String[] anyTexts(int lengthMax) {
    Random random = new Random(11);
    char[] odd = {0, 1, 0x1f, 0x7f, '"', '\\', 0xFFFD, 0xFFFF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF};
    return IntStream.range(0, TEXTS)
        .mapToObj(
            n ->
                IntStream.range(0, random.nextInt(lengthMax))
                    .map(
                        i ->
                            random.nextBoolean()
                                ? odd[random.nextInt(odd.length)]
                                : random.nextInt(1 << 16))
                    .collect(
                        StringBuilder::new,
                        (text, unit) -> text.append((char) unit),
                        StringBuilder::append)
                    .toString())
        .toArray(String[]::new);
  }

  @Test
  void postgres_refusesWhatIsCleanedAway() {
    assertThatThrownBy(() -> ask("select $1::text", "host1\0"))
        .satisfies(failure -> assertThat(PostgresFailures.ofData(failure)).isTrue());
    assertThatThrownBy(() -> ask("select $1::jsonb", new JsonObject().put("instance", "host1\0")))
        .satisfies(failure -> assertThat(PostgresFailures.ofData(failure)).isTrue());
  }

  @Test
  void anyText_isStored_asText() throws Exception {
    String[] clean = new String[TEXTS];
    String[] texts = anyTexts(40);
    for (int i = 0; i < TEXTS; i++) {
      clean[i] = PostgresText.clean(texts[i]);
    }
    Row row = ask("select $1::text[]", clean).iterator().next();
    assertThat(row.getArrayOfStrings(0)).isEqualTo(clean);
  }

  @Test
  void anyTexts_areStored_asJson() throws Exception {
    Map<String, String> texts = new HashMap<>();
    String[] any = anyTexts(40);
    for (int i = 1; i < TEXTS; i++) {
      texts.put(any[i - 1], any[i]);
    }
    JsonObject clean = PostgresText.json(texts);
    Row row = ask("select $1::jsonb", clean).iterator().next();
    assertThat(row.getJsonObject(0)).isEqualTo(clean);
  }

  @Test
  void anyText_fitsIntoAnIndex_asKey() throws Exception {
    String[] texts = anyTexts(4_000);
    for (int i = 0; i < TEXTS; i += 10) {
      String key = PostgresText.key(texts[i], PostgresText.KEY_BYTES_MAX);
      get(
          postgres
              .pool()
              .preparedQuery("insert into held(key, other) values ($1, $1) on conflict do nothing")
              .execute(Tuple.of(key)));
    }
  }
}
