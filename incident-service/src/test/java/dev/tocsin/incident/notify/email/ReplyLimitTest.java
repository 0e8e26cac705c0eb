package dev.tocsin.incident.notify.email;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyLimitTest {
  private final List<String> said = new ArrayList<>();
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new ReplyLimit(tooLong -> said.add(tooLong.getMessage())));

  private boolean hear(int bytes) {
    return channel.writeInbound(Unpooled.buffer(bytes).writeZero(bytes));
  }

  private void say() {
    channel.writeOutbound(Unpooled.copyInt(1));
  }

  @Test
  void reply_isBounded_fromOneCommandToTheNext() {
    hear(ReplyLimit.REPLY_BYTES_MAX);
    say();
    hear(ReplyLimit.REPLY_BYTES_MAX - 1);
    hear(1);
    assertThat(channel.isOpen()).isTrue();
    hear(1);
    assertThat(channel.isOpen()).isFalse();
    assertThat(said).containsExactly("the mail server's reply is longer than 65536 bytes");
    assertThat(channel.inboundMessages()).hasSize(3);
  }

  @Test
  void conversation_isBounded_howeverManyCommandsItHas() {
    for (int i = 0; i < ReplyLimit.TALK_BYTES_MAX / 1_024; i++) {
      hear(1_024);
      say();
    }
    assertThat(channel.isOpen()).isTrue();
    ByteBuf oneMore = Unpooled.buffer(1).writeZero(1);
    channel.writeInbound(oneMore);
    assertThat(oneMore.refCnt()).isZero();
    assertThat(channel.isOpen()).isFalse();
    assertThat(said)
        .containsExactly("the mail server's replies are longer than 262144 bytes together");
  }
}
