/** The demo catalogue: what a new installation sells, from where, at which taxes. */

export interface DemoProduct {
  readonly sku: string;
  readonly title: string;
  readonly category: string;
  readonly weightGrams: number;
  readonly taxCategory: string;
  readonly backorder: 'deny' | 'allow';
  readonly prices: readonly { readonly currency: string; readonly priceMinor: number }[];
}

/** SKU, title, weight in grams, price in US cents. */
type Item = readonly [sku: string, title: string, weightGrams: number, usdMinor: number];

const ITEMS: Readonly<Record<string, readonly Item[]>> = {
  kitchen: [
    ['MUG-RED', 'Stoneware mug, red', 380, 1299],
    ['MUG-BLUE', 'Stoneware mug, blue', 380, 1299],
    ['MUG-WHITE', 'Stoneware mug, white', 380, 1199],
    ['TEAPOT-IRON', 'Cast iron teapot', 1450, 4999],
    ['TEACUP-SET', 'Porcelain tea cups, set of four', 900, 3499],
    ['KETTLE-STEEL', 'Stovetop kettle, steel', 1100, 5999],
    ['BOARD-OAK', 'Chopping board, oak', 1600, 3999],
    ['KNIFE-CHEF', 'Chef’s knife, 20 cm', 420, 8999],
    ['PAN-CAST', 'Cast iron pan, 26 cm', 2400, 6499],
    ['APRON-LINEN', 'Linen apron', 350, 2999],
  ],
  home: [
    ['CANDLE-CEDAR', 'Candle, cedar', 450, 1899],
    ['CANDLE-FIG', 'Candle, fig', 450, 1899],
    ['BLANKET-WOOL', 'Wool blanket', 1300, 11900],
    ['CUSHION-LINEN', 'Linen cushion', 600, 3499],
    ['VASE-CLAY', 'Clay vase', 1250, 4499],
    ['LAMP-DESK', 'Desk lamp', 1800, 7999],
    ['CLOCK-WALL', 'Wall clock', 900, 5499],
    ['TOWEL-BATH', 'Bath towel', 700, 2799],
    ['SOAP-OLIVE', 'Olive soap', 120, 799],
  ],
  office: [
    ['NOTEBOOK-A5', 'Notebook A5, dotted', 320, 1499],
    ['PEN-BRASS', 'Brass pen', 45, 2999],
    ['PENCIL-SET', 'Pencils, set of twelve', 110, 1299],
    ['DESK-MAT', 'Felt desk mat', 400, 3299],
    ['BAG-CANVAS', 'Canvas bag', 550, 3999],
    ['STAND-LAPTOP', 'Laptop stand', 1300, 5999],
  ],
  apparel: [
    ['TEE-BLACK-M', 'T-shirt, black, M', 180, 2499],
    ['TEE-BLACK-L', 'T-shirt, black, L', 190, 2499],
    ['SOCKS-WOOL', 'Wool socks', 90, 1599],
    ['SCARF-MERINO', 'Merino scarf', 160, 4999],
    ['CAP-CORD', 'Corduroy cap', 130, 2799],
  ],
  books: [
    ['BOOK-TEA', 'The Book of Tea', 260, 1599],
    ['BOOK-BREAD', 'Bread at home', 780, 3299],
  ],
  food: [
    ['TEA-GREEN-100', 'Green tea, 100 g', 130, 1199],
    ['TEA-OOLONG-100', 'Oolong tea, 100 g', 130, 1699],
    ['COFFEE-250', 'Coffee beans, 250 g', 270, 1399],
    ['HONEY-500', 'Honey, 500 g', 820, 1299],
  ],
};

/** Taxed at rates of their own in most places. */
const TAX_CATEGORIES: Readonly<Record<string, string>> = { books: 'books', food: 'food' };

/** Sold before they are there. */
const MADE_TO_ORDER: ReadonlySet<string> = new Set(['BLANKET-WOOL']);

/** Minor units of a currency for one US cent; a yen has none. */
const MINOR_PER_CENT: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 0.92,
  GBP: 0.79,
  CNY: 7.1,
  JPY: 1.5,
};

export const DEMO_PRODUCTS: readonly DemoProduct[] = Object.entries(ITEMS).flatMap(
  ([category, items]) =>
    items.map(([sku, title, weightGrams, usdMinor]) => ({
      sku,
      title,
      category,
      weightGrams,
      taxCategory: TAX_CATEGORIES[category] ?? 'standard',
      backorder: MADE_TO_ORDER.has(sku) ? ('allow' as const) : ('deny' as const),
      prices: Object.entries(MINOR_PER_CENT).map(([currency, factor]) => ({
        currency,
        priceMinor: Math.round(usdMinor * factor),
      })),
    })),
);

export const DEMO_LOCATIONS = [
  {
    code: 'BOS',
    name: 'Boston warehouse',
    priority: 10,
    timeZone: 'America/New_York',
    cutOff: '16:00',
    capacityPerDay: 2000,
    units: 200,
    address: {
      name: 'Throughline Boston',
      line1: '10 Harbor Way',
      city: 'Boston',
      region: 'MA',
      postalCode: '02210',
      country: 'US',
    },
  },
  {
    code: 'LON',
    name: 'London warehouse',
    priority: 20,
    timeZone: 'Europe/London',
    cutOff: '15:30',
    capacityPerDay: 1000,
    units: 80,
    address: {
      name: 'Throughline London',
      line1: '4 Dock Road',
      city: 'London',
      postalCode: 'E16 1AG',
      country: 'GB',
    },
  },
  {
    code: 'SHA',
    name: '上海仓库',
    priority: 30,
    timeZone: 'Asia/Shanghai',
    cutOff: '17:00',
    capacityPerDay: 1500,
    units: 60,
    address: {
      name: 'Throughline 上海',
      line1: '浦东新区港华路 88 号',
      city: '上海',
      region: '上海',
      postalCode: '200137',
      country: 'CN',
    },
  },
] as const;

/** Kept scarce, so that a shortage is easily tried: units at each location. */
const SCARCE: Readonly<Record<string, number>> = {
  'TEAPOT-IRON': 12,
  'LAMP-DESK': 10,
  'KNIFE-CHEF': 15,
  'BLANKET-WOOL': 10,
};

/** What lies where at the start: at least 10 units of each product at each location. */
export const DEMO_STOCK = DEMO_PRODUCTS.flatMap(({ sku }) =>
  DEMO_LOCATIONS.map(({ code, units }) => ({
    sku,
    location: code,
    onHand: SCARCE[sku] ?? units,
  })),
);
