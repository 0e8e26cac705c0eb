package dev.tocsin.common.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class PostgresFailuresTest {
  private static PgException refused(String sqlState) {
    return new PgException("refused", "ERROR", sqlState, "");
  }

  @Test
  void refusalOfData_isTold_alsoFromWhatItCaused() {
    // A character 0 in text and in jsonb, a row too many, a broken key, an index entry too large.
    for (String state : new String[] {"22021", "22P05", "21000", "23505", "54000"}) {
      assertThat(PostgresFailures.ofData(refused(state))).as(state).isTrue();
      assertThat(PostgresFailures.ofData(new ExecutionException(refused(state)))).isTrue();
    }
  }

  @Test
  void anyOtherFailure_isTheWorlds() {
    // Stopped, no connection left, disk full, deadlock, time-out, read-only, table is missing.
    for (String state :
        new String[] {"57P01", "53300", "53100", "40P01", "57014", "25006", "42P01", "XX001"}) {
      assertThat(PostgresFailures.ofData(refused(state))).as(state).isFalse();
      assertThat(PostgresFailures.answered(refused(state))).isTrue();
    }
    assertThat(PostgresFailures.ofData(new IOException("reset"))).isFalse();
    assertThat(PostgresFailures.answered(new IOException("reset"))).isFalse();
  }

  @Test
  void row_isAlreadyThere_whenAKeyIsTaken() {
    assertThat(PostgresFailures.alreadyThere(refused("23505"))).isTrue();
    assertThat(PostgresFailures.alreadyThere(refused("23503"))).isFalse();
  }
}
