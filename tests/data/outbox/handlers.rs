//! The publisher that calls functions.

use std::time::Duration;

use buttress::body::BoxError;
use buttress::outbox::{Delivery, Event, Handlers};

use super::scene::{Inbox, Scene, in_time};
use crate::support::TestDatabase;

async fn each_kind_has_its_handler_and_none_is_lost<DB: TestDatabase>() {
    let scene = Scene::<DB>::new(2).await;
    let inbox = Inbox::default();
    let publisher = Handlers::new().ignore("viewed").on("placed", {
        let inbox = inbox.clone();
        move |delivery: Delivery| {
            inbox.take(&delivery);
            async { Ok::<_, BoxError>(()) }
        }
    });
    let running = scene.relay(publisher).attempts(2).spawn();
    scene.commit(["forgotten", "viewed", "placed"].map(|kind| Event::new(kind).payload(kind))).await;
    inbox.holds(&["placed"]).await;
    let dead = async || scene.outbox.dead_letters(&mut scene.fresh.store.session(), 10).await.unwrap();
    in_time("the forgotten one is a dead letter", async || dead().await.len() == 1).await;
    assert_eq!(dead().await[0].kind, "forgotten");
    in_time("the others are delivered", async || scene.waiting().await == 1).await;
    running.stop(Duration::from_secs(5)).await;
}

on_every_database! {
    each_kind_has_its_handler_and_none_is_lost;
}
