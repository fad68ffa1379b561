use buttress::page::PageQuery;
use buttress::payload::{Check, read_query};
use serde::Deserialize;

fn refused<T: buttress::Payload>(query: &str) -> Vec<String> {
    let problem = read_query::<T>(query, Check::new()).err().unwrap();
    problem.violations().iter().map(|v| format!("{} {} {}", v.location(), v.code(), v.message())).collect()
}

#[test]
fn a_query_without_parameters_has_the_default_limit_and_no_cursor() {
    let query: PageQuery = read_query("", Check::new()).unwrap();
    assert_eq!((query.limit(), query.rows_to_read(), query.cursor()), (20, 21, None));
    let query: PageQuery<5, 10> = read_query("", Check::new()).unwrap();
    assert_eq!((query.limit(), query.rows_to_read()), (5, 6));
    assert_eq!(PageQuery::<5, 10>::default().limit(), 5);
}

#[test]
fn the_limit_has_bounds() {
    for (query, limit) in [("limit=1", 1), ("limit=100", 100), ("limit=7&cursor=abc", 7)] {
        assert_eq!(read_query::<PageQuery>(query, Check::new()).unwrap().limit(), limit);
    }
    assert_eq!(read_query::<PageQuery<1, 1000>>("limit=1000", Check::new()).unwrap().limit(), 1000);
    for query in ["limit=0", "limit=101"] {
        assert_eq!(refused::<PageQuery>(query), ["limit range must be between 1 and 100"]);
    }
    assert_eq!(refused::<PageQuery<1, 9>>("limit=10"), ["limit range must be between 1 and 9"]);
    for query in ["limit=nine", "limit=", "limit=-1"] {
        assert_eq!(refused::<PageQuery>(query).len(), 1, "{query}");
    }
}

/// An empty cursor is not the first page.
#[test]
fn a_cursor_that_was_sent_empty_was_sent() {
    assert_eq!(read_query::<PageQuery>("cursor=", Check::new()).unwrap().cursor(), Some(""));
    assert_eq!(read_query::<PageQuery>("cursor=a%00b", Check::new()).unwrap().cursor(), Some("a\0b"));
    assert_eq!(refused::<PageQuery>("cursor=a&cursor=b").len(), 1);
}

#[test]
fn unknown_parameters_are_refused() {
    assert_eq!(
        refused::<PageQuery>("offset=5&limit=0"),
        ["limit range must be between 1 and 100", "offset unknown is not known",]
    );
}

#[cfg(feature = "derive")]
mod beside_filters {
    use super::*;

    #[derive(Deserialize, buttress::Payload)]
    #[serde(deny_unknown_fields)]
    struct ListQuery {
        customer: Option<String>,
        total: Option<i64>,
        #[serde(flatten)]
        page: PageQuery,
    }

    #[test]
    fn both_are_read() {
        let query: ListQuery = read_query("limit=7&customer=ann&cursor=&total=5", Check::new()).unwrap();
        assert_eq!((query.page.limit(), query.page.cursor()), (7, Some("")));
        assert_eq!((query.customer.as_deref(), query.total), (Some("ann"), Some(5)));
        let query: ListQuery = read_query("", Check::new()).unwrap();
        assert_eq!((query.page.limit(), query.page.cursor(), query.customer), (20, None, None));
    }

    #[test]
    fn the_faults_of_both_come_in_one_answer() {
        assert_eq!(
            refused::<ListQuery>("limit=0&total=x&offset=1"),
            ["limit range must be between 1 and 100", "offset unknown is not known", "total type must be an integer",]
        );
    }
}
