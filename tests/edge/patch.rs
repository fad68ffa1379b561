//! Merge patches.

use buttress::Problem;
use buttress::extract::MergePatch;
use http::Method;

use super::everywhere;
use super::inputs::Changes;

pub(crate) async fn patch(patch: MergePatch<Changes>) -> Result<String, Problem> {
    let current = Changes { customer: "ann".into(), note: Some("fragile".into()), priority: 3, deadline: 5 };
    let changed = patch.apply(&current)?;
    Ok(format!("{} {:?} {}", changed.customer, changed.note, changed.priority))
}

const TYPE: (&str, &str) = ("content-type", "application/merge-patch+json");

#[tokio::test]
async fn absent_null_and_value_are_three_things() {
    everywhere(async |edge| {
        let send = async |body: &str| edge.send(Method::PATCH, "/patch", &[TYPE], body.as_bytes()).await;
        send("{}").await.is(r#"ann Some("fragile") 3"#);
        send(r#"{"note":null}"#).await.is("ann None 3");
        send(r#"{"note":"new","customer":"bob"}"#).await.is(r#"bob Some("new") 3"#);
    })
    .await;
}

#[tokio::test]
async fn a_patch_is_checked_by_itself_and_in_its_outcome() {
    everywhere(async |edge| {
        let send = async |body: &str| edge.send(Method::PATCH, "/patch", &[TYPE], body.as_bytes()).await;
        send(r#"{"customer":null,"priority":0,"extra":1,"note":7}"#).await.is_invalid(&[
            ("#/customer", "required"),
            ("#/extra", "unknown"),
            ("#/note", "type"),
            ("#/priority", "range"),
        ]);
        send(r#"{"priority":9}"#).await.is_invalid(&[("#/deadline", "match")]);
        send("7").await.is_invalid(&[("#", "type")]);
        send("{").await.is_problem(400, "malformed-body");
    })
    .await;
}

#[tokio::test]
async fn any_other_media_type_is_refused() {
    everywhere(async |edge| {
        let reply = edge.send(Method::PATCH, "/patch", &[("content-type", "application/json")], b"{}").await;
        assert_eq!(
            reply.is_problem(415, "unsupported-media-type").header("accept-patch"),
            Some("application/merge-patch+json")
        );
    })
    .await;
}
