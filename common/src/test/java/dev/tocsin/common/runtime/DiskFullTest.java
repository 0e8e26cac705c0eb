package dev.tocsin.common.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.kafka.Failures;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.Test;

class DiskFullTest {
  @Test
  void postgres_inAnotherLanguage_isToldAsAFullDisk() {
    PgException full =
        new PgException(
            "konnte Datei nicht erweitern", "FEHLER", "53100", "kein Platz auf dem Gerät");
    assertThat(FailureText.of(full)).endsWith("(no space left on device)");
    assertThat(FailureText.of(new CompletionException("write failed", full)))
        .isEqualTo("write failed (no space left on device)");
  }

  @Test
  void kafka_isToldAsAFullOrBrokenDisk() {
    Exception disk = new KafkaStorageException("Disk error when trying to access log file");
    String told =
        "Disk error when trying to access log file"
            + " (Kafka cannot write: no space left on device, or the device is broken)";
    assertThat(FailureText.of(disk)).isEqualTo(told);
    assertThat(Failures.rootMessage(new RuntimeException("send", disk))).isEqualTo(told);
  }

  @Test
  void whatSaysItItself_andWhatIsSomethingElse_staysAsItIs() {
    assertThat(FailureText.of(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(FailureText.of(new IOException("broken pipe"))).isEqualTo("broken pipe");
  }
}
