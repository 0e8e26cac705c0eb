package dev.tocsin.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.runtime.Health;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What simulations of the record kernel have found, one by one. */
class KernelFaultsTest {
  private final KernelWorld world = Quiet.call(() -> new KernelWorld(1, 1));

  private void run(Duration time) {
    Quiet.call(
        () -> {
          world.scheduler.runFor(time);
          return null;
        });
  }

  private void runUntilStored(int records) {
    boolean done =
        Quiet.call(
            () ->
                world.scheduler.runUntil(
                    () -> world.store.storedRecords() >= records, Duration.ofMinutes(5)));
    assertThat(done).isTrue();
  }

  @Test
  void consumer_isUnhealthyAndSaysWhere_whenItsDatabaseIsAwayAndItBeginsAgainAndAgain() {
    SimConsumer consumer = world.consumer("only");
    consumer.start();
    world.write(0, Temper.GOOD);
    runUntilStored(1);
    world.write(0, Temper.GOOD);
    world.database.flaky(1, 0);
    run(Duration.ofSeconds(50));
    assertThat(consumer.check()).isInstanceOf(Health.Unhealthy.class);
    assertThat(consumer.check().issues())
        .singleElement()
        .asString()
        .contains("records-0", "offset 1", "1 wait", "connection lost");
    world.database.heal();
    run(Duration.ofSeconds(20));
    assertThat(consumer.check()).isInstanceOf(Health.Healthy.class);
  }

  @Test
  void consumer_isUnhealthy_whenItCannotEvenBegin() {
    SimConsumer consumer = world.consumer("only");
    world.database.down(true);
    consumer.start();
    run(Duration.ofSeconds(50));
    assertThat(consumer.check()).isInstanceOf(Health.Unhealthy.class);
    assertThat(consumer.check().issues()).singleElement().asString().contains("connection lost");
    world.database.heal();
    run(Duration.ofSeconds(20));
    assertThat(consumer.check()).isInstanceOf(Health.Healthy.class);
  }

  @Test
  void recordThatLooksLikeAnOutage_isPutAside_whenOnlyItsConsumerIsInTheGroup() {
    world.consumer("only").start();
    world.write(0, Temper.GOOD);
    world.write(0, Temper.CHOKING);
    world.write(0, Temper.GOOD);
    run(Duration.ofMinutes(3));
    assertThat(world.aside.letters()).singleElement().extracting("reason").isEqualTo("failed");
    assertThat(world.store.storedRecords()).isEqualTo(2);
  }

  @Test
  void recordThatLooksLikeAnOutage_isPutAside_whenItsPartitionWandersFromMemberToMember() {
    world.consumer("one").start();
    world.consumer("two").start();
    world.consumer("three").start();
    run(Duration.ofSeconds(5));
    world.write(0, Temper.CHOKING);
    world.write(0, Temper.GOOD);
    run(Duration.ofMinutes(5));
    world.readLetters();
    assertThat(world.ledger.violations()).isEmpty();
  }

  @Test
  void damagedRecord_isPassed_whenThoseBeforeItAreNotStoredYet() {
    for (int i = 0; i < 5; i++) {
      world.write(0, Temper.GOOD);
    }
    world.kafka.damage(KernelWorld.partition(0), 3);
    world.consumer("only").start();
    run(Duration.ofSeconds(30));
    assertThat(world.store.storedRecords()).isEqualTo(4);
    world.readLetters();
    assertThat(world.ledger.violations()).isEmpty();
  }

  @Test
  void damagedRecords_areAllPassed_whenTheyAreCloseToEachOther() {
    for (int i = 0; i < 8; i++) {
      world.write(0, Temper.GOOD);
    }
    for (int offset : new int[] {2, 4, 5}) {
      world.kafka.damage(KernelWorld.partition(0), offset);
    }
    world.consumer("only").start();
    run(Duration.ofSeconds(40));
    assertThat(world.store.storedRecords()).isEqualTo(5);
    assertThat(world.aside.letters()).extracting("reason").containsOnly("unreadable");
    world.readLetters();
    assertThat(world.ledger.violations()).isEmpty();
  }

  @Test
  void damagedRecord_holdsOthersUpOnce_whenThoseBehindItFail() {
    world.write(0, Temper.GOOD);
    world.write(0, Temper.GOOD);
    for (int i = 0; i < 4; i++) {
      world.write(0, Temper.THROWS);
    }
    world.write(0, Temper.GOOD);
    world.kafka.damage(KernelWorld.partition(0), 1);
    world.consumer("only").start();
    run(Duration.ofSeconds(20));
    assertThat(world.store.storedRecords()).isEqualTo(2);
    assertThat(world.aside.letters()).extracting("reason").contains("unreadable");
    world.readLetters();
    assertThat(world.ledger.violations()).isEmpty();
  }

  @Test
  void records_areStoredOnce_whenTheirTopicWasMadeAnewBeforeItHadAny() {
    SimConsumer consumer = world.consumer("only");
    consumer.start();
    run(Duration.ofSeconds(5));
    world.kafka.recreate(KernelWorld.TOPIC);
    run(Duration.ofSeconds(5));
    world.write(0, Temper.GOOD);
    runUntilStored(1);
    consumer.stop();
    consumer.start();
    world.write(0, Temper.GOOD);
    runUntilStored(2);
    assertThat(world.ledger.violations()).isEmpty();
  }

  @Test
  void knowledgeOfARecord_isNotAppliedToAnother_whenTheTailWasLostInBetween() {
    world.consumer("only").start();
    world.write(0, Temper.GOOD);
    runUntilStored(1);
    world.database.down(true);
    world.write(0, Temper.THROWS);
    run(Duration.ofSeconds(20));
    world.producers.truncate(KernelWorld.partition(0), 1);
    run(Duration.ofSeconds(20));
    world.database.heal();
    run(Duration.ofSeconds(20));
    SimRecord other = world.write(0, Temper.GOOD);
    runUntilStored(2);
    assertThat(world.ledger.isUsed(other.sequence())).isTrue();
  }

  @Test
  void health_saysNothingOfPartitions_thatOthersHaveByNow() {
    SimConsumer one = world.consumer("one");
    one.start();
    world.write(0, Temper.GOOD);
    runUntilStored(1);
    world.database.down(true);
    world.write(0, Temper.GOOD);
    run(Duration.ofSeconds(60));
    assertThat(one.check()).isInstanceOf(Health.Unhealthy.class);
    world.database.heal();
    world.consumer("two").start();
    world.consumer("three").start();
    world.consumer("four").start();
    run(Duration.ofSeconds(15));
    assertThat(one.check()).isInstanceOf(Health.Healthy.class);
    assertThat(one.lag()).isZero();
  }
}
