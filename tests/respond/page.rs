use buttress::page::Page;
use buttress::{Json, Problem};
use http::{StatusCode, Uri};

use crate::{Answer, Unserialisable, assert_masked};

fn cursor(last: &u32) -> Result<String, Problem> {
    Ok(format!("after-{last}"))
}

#[test]
fn a_page_has_items_and_the_next_cursor() {
    let page = Page::of(vec![1, 2, 3], 2, cursor).unwrap();
    assert_eq!(Answer::of(page).body, r#"{"items":[1,2],"next":"after-2"}"#);
    for rows in [vec![], vec![1], vec![1, 2]] {
        assert_eq!(Page::of(rows, 2, cursor).unwrap().next(), None);
    }
    assert_eq!(Answer::of(Page::of(vec![], 2, cursor).unwrap()).body, r#"{"items":[],"next":null}"#);
    let nothing = Page::of(vec![1], 0, cursor).unwrap();
    assert_eq!((nothing.items().len(), nothing.next()), (0, None));
}

#[test]
fn the_link_is_the_address_that_was_asked_with_the_next_cursor() {
    for (asked, target) in [
        ("/v1/orders", "/v1/orders?cursor=after-2"),
        ("/v1/orders?", "/v1/orders?cursor=after-2"),
        ("/v1/orders?limit=2&sort=-total", "/v1/orders?limit=2&sort=-total&cursor=after-2"),
        ("/v1/orders?cursor=old&limit=2", "/v1/orders?limit=2&cursor=after-2"),
        ("/v1/orders?%63ursor=old&cursor&cursor=a&&xcursor=b", "/v1/orders?xcursor=b&cursor=after-2"),
        ("/v1/orders?customer=a%26b%3D+c", "/v1/orders?customer=a%26b%3D+c&cursor=after-2"),
        ("https://shop.example/v1/orders?limit=2", "/v1/orders?limit=2&cursor=after-2"),
        ("/v1/a|b?q={x}", "/v1/a%7Cb?q=%7Bx%7D&cursor=after-2"),
    ] {
        let page = Page::of(vec![1, 2, 3], 2, cursor).unwrap().linked(&asked.parse::<Uri>().unwrap());
        assert_eq!(Answer::of(page).header("link"), Some(&*format!("<{target}>; rel=\"next\"")));
    }
    let last = Page::of(vec![1, 2], 2, cursor).unwrap().linked(&Uri::from_static("/x"));
    assert_eq!(Answer::of(last).header("link"), None);
}

#[test]
fn items_can_be_shown_otherwise() {
    let page = Page::of(vec![1, 2, 3], 2, cursor).unwrap().linked(&Uri::from_static("/x")).map(|n| n * 10);
    let answer = Answer::of((StatusCode::OK, page));
    assert_eq!((&*answer.body, answer.header("link").is_some()), (r#"{"items":[10,20],"next":"after-2"}"#, true));
    assert_eq!(Answer::of(Json(Page::new(vec![1], None))).body, r#"{"items":[1],"next":null}"#);
}

#[test]
fn items_that_do_not_serialise_are_a_server_error() {
    let page = Page::new(vec![Unserialisable], Some("c".into())).linked(&Uri::from_static("/x"));
    let answer = Answer::of(page);
    assert_masked(&answer);
    assert_eq!(answer.header("link"), None);
}

#[test]
fn a_cursor_cannot_break_out_of_its_link() {
    for (path, cursor, target) in [
        ("/x", "a\r\nb", "/x?cursor=a%0D%0Ab"),
        ("/x", "a>; rel=\"self\", <b&c=d", "/x?cursor=a%3E%3B%20rel%3D%22self%22%2C%20%3Cb%26c%3Dd"),
        ("//evil.example/x", "a", "/.//evil.example/x?cursor=a"),
    ] {
        let page = Page::new(vec![1], Some(cursor.into())).linked(&path.parse::<Uri>().unwrap());
        assert_eq!(Answer::of(page).header("link"), Some(&*format!("<{target}>; rel=\"next\"")));
    }
}

/// A client decides how long a query is; a proxy rejects a head of more than a few KiB.
#[test]
fn a_link_that_would_be_too_long_is_left_out_and_the_cursor_stays() {
    let link = |query: &str| {
        let asked: Uri = format!("/v1/orders?q={query}").parse().unwrap();
        let answer = Answer::of(Page::of(vec![1, 2, 3], 2, cursor).unwrap().linked(&asked));
        assert_eq!(answer.body, r#"{"items":[1,2],"next":"after-2"}"#);
        answer.header("link").map(str::len)
    };
    assert!(link(&"a".repeat(2_000)).is_some_and(|len| len > 2_000));
    assert_eq!(link(&"a".repeat(60_000)), None);
    // Encoding makes it three times as long.
    assert_eq!(link(&"|".repeat(2_000)), None);
}
