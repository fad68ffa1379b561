use buttress::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(type_bas = "https://shop.example/problems/", code = "shop")]
enum ShopError {
    #[error("out of stock")]
    #[problem(staus = 409, titel = "Out of stock", flavour = "sweet")]
    OutOfStock {
        #[problem(membr)]
        sku: String,
    },
    #[error("gone")]
    #[problem(status = 410, status = 404)]
    Gone,
    #[error("bare")]
    #[problem]
    Bare,
}

fn main() {}
